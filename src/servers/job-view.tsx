import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import type { EnvironmentJob } from './environment-job';
import { LogTail } from './log';

/** The making of an environment as it goes on: steps, output, Cancel; and how it ended. */
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
  const isOver = view.phase === 'failed' || view.phase === 'cancelled';
  const at = view.steps.indexOf(view.step);
  const title = {
    beginning: trans.__('Installing MLflow…'),
    running: view.isCancelling
      ? trans.__('Cancelling…')
      : trans.__('Installing MLflow…'),
    finishing: trans.__('Starting the tracking server…'),
    failed: trans.__('MLflow could not be installed'),
    cancelled: trans.__('The installation was cancelled')
  }[view.phase];
  return (
    <div
      className={`jp-mlflow-State jp-mlflow-Job${view.phase === 'failed' ? ' jp-mod-error' : ''}`}
    >
      <div
        className="jp-mlflow-State-title"
        role={view.phase === 'failed' ? 'alert' : 'status'}
      >
        {title}
      </div>
      {isOver ? null : (
        <progress
          className="jp-mlflow-Progress"
          aria-label={title}
          max={Math.max(1, view.steps.length)}
          value={
            view.phase === 'finishing'
              ? view.steps.length
              : at > 0
                ? at
                : undefined
          }
        />
      )}
      {view.steps.length > 0 && !isOver ? (
        <ol className="jp-mlflow-Job-steps">
          {view.steps.map((step, index) => (
            <li
              key={step}
              className={
                index < at || view.phase === 'finishing'
                  ? 'jp-mod-done'
                  : index === at
                    ? 'jp-mod-current'
                    : ''
              }
              aria-current={index === at ? 'step' : undefined}
            >
              {step}
            </li>
          ))}
        </ol>
      ) : null}
      {view.problem ? (
        <>
          <div className="jp-mlflow-State-body">{view.problem.message}</div>
          {view.problem.hint ? (
            <div className="jp-mlflow-State-hint">{view.problem.hint}</div>
          ) : null}
        </>
      ) : null}
      {view.phase === 'cancelled' ? (
        <div className="jp-mlflow-State-body">
          {trans.__('Nothing of it was kept.')}
        </div>
      ) : null}
      <div className="jp-mlflow-State-actions">
        {isOver ? (
          <>
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
          </>
        ) : (
          <>
            <Button
              disabled={view.phase !== 'running' || view.isCancelling}
              onClick={() => void job.cancel()}
            >
              {trans.__('Cancel')}
            </Button>
            {onClose ? (
              <Button onClick={onClose}>
                {trans.__('Go on in the background')}
              </Button>
            ) : null}
          </>
        )}
      </div>
      {view.log || view.problem?.log ? (
        <LogTail
          text={view.log || (view.problem?.log ?? '')}
          label={trans.__('Output of the installation')}
        />
      ) : null}
    </div>
  );
}
