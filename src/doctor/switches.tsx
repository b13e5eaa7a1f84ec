import { useState } from 'react';
import type { KernelFacts } from '../kernel/report';
import { ApiError, asProblem } from '../servers/request';
import { useTrans } from '../ui/context';
import type { DoctorServices } from './context';

/** Switches of what MLflow does in this kernel by itself. */
export function KernelSwitches(props: {
  services: DoctorServices;
  kernelId: string;
  facts: KernelFacts;
}): JSX.Element {
  const { services, kernelId, facts } = props;
  const trans = useTrans();
  const [said, setSaid] = useState('');
  const [isSending, setSending] = useState(false);

  const send = async (
    options: Parameters<DoctorServices['kernels']['options']>[1]
  ): Promise<void> => {
    setSending(true);
    setSaid('');
    try {
      await services.kernels.options(kernelId, options);
      await services.doctor.watch.probe();
    } catch (reason) {
      const { code, message, hint } = asProblem(reason);
      setSaid(
        reason instanceof ApiError && code === 'kernel-busy'
          ? trans.__('This takes effect when the running cell has ended.')
          : `${message} ${hint}`
      );
    } finally {
      setSending(false);
    }
  };

  return (
    <div className="jp-mlflow-Doctor-switches">
      <label>
        <input
          type="checkbox"
          checked={facts.autolog === true}
          disabled={isSending}
          onChange={event => void send({ autolog: event.target.checked })}
        />
        {trans.__('Log models and metrics of known libraries (autolog)')}
      </label>
      <label>
        <input
          type="checkbox"
          checked={facts.system_metrics === true}
          disabled={isSending}
          onChange={event => void send({ systemMetrics: event.target.checked })}
        />
        {trans.__('Log system metrics')}
      </label>
      <p role="status" className="jp-mlflow-Doctor-note">
        {said}
      </p>
    </div>
  );
}
