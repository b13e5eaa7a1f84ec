import { useState } from 'react';
import { asProblem } from '../servers/request';
import type { Problem } from '../servers/tokens';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import type { DoctorServices } from './context';

/** Which experiment is remembered for a notebook, and how to forget it. @param props.name - null: none is. */
export function ExperimentNote(props: {
  services: DoctorServices;
  name: string | null;
}): JSX.Element | null {
  const { services, name } = props;
  const trans = useTrans();
  const [problem, setProblem] = useState<Problem | null>(null);
  const notebook = services.notebook();
  if (name === null || notebook === null) {
    return null;
  }
  const forget = async (): Promise<void> => {
    try {
      await services.experiments.remember(notebook, null);
      await services.doctor.watch.probe();
    } catch (reason) {
      setProblem(asProblem(reason));
    }
  };
  return (
    <div className="jp-mlflow-Doctor-place">
      <p>
        {trans.__(
          'Runs of this notebook’s new kernels go to the experiment “%1”.',
          name
        )}
      </p>
      <div className="jp-mlflow-Doctor-remedies">
        <Button onClick={() => void forget()}>{trans.__('Forget it')}</Button>
        {problem === null ? null : (
          <p className="jp-mlflow-Doctor-note" role="alert">
            {`${problem.message} ${problem.hint}`}
          </p>
        )}
      </div>
    </div>
  );
}
