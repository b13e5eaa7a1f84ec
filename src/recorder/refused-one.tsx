import { useState } from 'react';
import { asProblem } from '../servers/request';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import type { Execution } from './answers';
import { useRecorder } from './context';
import { useSending } from './sending';

/** Why MLflow has refused this execution, and what can be done with it alone. */
export function RefusedOne(props: {
  execution: Execution;
  path: string;
}): JSX.Element {
  const { execution, path } = props;
  const { api } = useRecorder();
  const trans = useTrans();
  const [told, setTold] = useState('');
  const { data } = useSending(path);
  const reason = data?.refused.find(
    each => each.execution_id === execution.id
  )?.reason;
  const settle = async (what: 'resend' | 'drop'): Promise<void> => {
    try {
      await api.settle(execution.id, what);
      setTold(
        what === 'resend'
          ? trans.__('It is sent again.')
          : trans.__('It is not sent any more.')
      );
    } catch (error) {
      setTold(asProblem(error).message);
    }
  };
  return (
    <div className="jp-mlflow-Recording-trouble">
      {reason && <p>{reason.message}</p>}
      <div className="jp-mlflow-Recording-actions">
        <Button onClick={() => void settle('resend')}>
          {trans.__('Send again')}
        </Button>
        <Button onClick={() => void settle('drop')}>
          {trans.__('Do not send')}
        </Button>
        <span role="status" className="jp-mlflow-Execution-note">
          {told}
        </span>
      </div>
    </div>
  );
}
