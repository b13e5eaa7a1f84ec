import type { ReactNode } from 'react';
import { Button, classes } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { LogTail } from '../ui/log';
import type { JobProgress } from './tokens';

/**
 * A job as it goes on: steps, output, Cancel; and how it ended.
 *
 * @param props.title - in one line what is being done, or how it ended.
 * @param props.isFinishing - the job is done, and something of ours follows it.
 * @param props.logLabel - names the output for screen readers.
 * @param props.children - what can be done once it has ended, and what is said then.
 * @param props.actions - buttons beside Cancel.
 */
export function JobView(props: {
  progress: JobProgress;
  title: string;
  isFinishing?: boolean;
  logLabel: string;
  onCancel: () => void;
  actions?: ReactNode;
  children?: ReactNode;
}): JSX.Element {
  const { progress, title, isFinishing = false } = props;
  const trans = useTrans();
  const { phase, problem, steps, log } = progress;
  const isOver = phase === 'failed' || phase === 'cancelled';
  const isDone = phase === 'done';
  const at = steps.indexOf(progress.step);
  return (
    <div
      className={classes(
        'jp-mlflow-State',
        'jp-mlflow-Job',
        phase === 'failed' && 'jp-mod-error'
      )}
      data-mlflow-job={phase}
    >
      <div
        className="jp-mlflow-State-title"
        role={phase === 'failed' ? 'alert' : 'status'}
      >
        {title}
      </div>
      {isOver || (isDone && !isFinishing) ? null : (
        <progress
          className="jp-mlflow-Progress"
          aria-label={title}
          max={Math.max(1, steps.length)}
          value={isDone ? steps.length : at > 0 ? at : undefined}
        />
      )}
      {steps.length > 0 && !isOver ? (
        <ol className="jp-mlflow-Job-steps">
          {steps.map((step, index) => (
            <li
              key={step}
              className={classes(
                (index < at || isDone) && 'jp-mod-done',
                index === at && !isDone && 'jp-mod-current'
              )}
              aria-current={index === at && !isDone ? 'step' : undefined}
            >
              {step}
            </li>
          ))}
        </ol>
      ) : null}
      {problem ? (
        <>
          <div className="jp-mlflow-State-body">{problem.message}</div>
          {problem.hint ? (
            <div className="jp-mlflow-State-hint">{problem.hint}</div>
          ) : null}
        </>
      ) : null}
      {props.children}
      {isOver || isDone ? null : (
        <div className="jp-mlflow-State-actions">
          <Button
            disabled={phase !== 'running' || progress.isCancelling}
            onClick={props.onCancel}
          >
            {trans.__('Cancel')}
          </Button>
          {props.actions}
        </div>
      )}
      {log || problem?.log ? (
        <LogTail text={log || (problem?.log ?? '')} label={props.logLabel} />
      ) : null}
    </div>
  );
}
