import { JobView } from '../jobs/view';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import type { EnvironmentJob } from './environment-job';

/** The making of an environment for a server as it goes on: steps, output, Cancel; and how it ended. */
export function EnvironmentJobView(props: {
  job: EnvironmentJob;
  onClose: (() => void) | null;
}): JSX.Element | null {
  const { job, onClose } = props;
  const trans = useTrans();
  const view = useSignalValue(job.changed, () => job.view);
  if (view.phase === 'idle') {
    return null;
  }
  const title = {
    beginning: trans.__('Installing MLflow…'),
    running: view.isCancelling
      ? trans.__('Cancelling…')
      : trans.__('Installing MLflow…'),
    done: trans.__('Starting the tracking server…'),
    failed: trans.__('MLflow could not be installed'),
    cancelled: trans.__('The installation was cancelled')
  }[view.phase];
  const isOver = view.phase === 'failed' || view.phase === 'cancelled';
  return (
    <JobView
      progress={view}
      title={title}
      isFinishing
      logLabel={trans.__('Output of the installation')}
      onCancel={() => void job.cancel()}
      actions={
        onClose ? (
          <Button onClick={onClose}>
            {trans.__('Go on in the background')}
          </Button>
        ) : null
      }
    >
      {view.phase === 'cancelled' ? (
        <div className="jp-mlflow-State-body">
          {trans.__('Nothing of it was kept.')}
        </div>
      ) : null}
      {isOver ? (
        <div className="jp-mlflow-State-actions">
          <Button look="accept" onClick={() => void job.retry()}>
            {trans.__('Try again')}
          </Button>
          <Button
            onClick={() => {
              job.dismiss();
            }}
          >
            {trans.__('Back')}
          </Button>
        </div>
      ) : null}
    </JobView>
  );
}
