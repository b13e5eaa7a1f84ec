import type { TranslationBundle } from '@jupyterlab/translation';
import type { RunStatus } from '../mlflow';
import { useTrans } from './context';

/** Shapes on a 16 × 16 field: told apart without colour, too. */
const SHAPES = {
  FINISHED: (
    <>
      <circle cx="8" cy="8" r="6.2" />
      <path d="m5.2 8.2 2 2 3.6-4.2" />
    </>
  ),
  FAILED: (
    <>
      <circle cx="8" cy="8" r="6.2" />
      <path d="m5.8 5.8 4.4 4.4m0-4.4-4.4 4.4" />
    </>
  ),
  KILLED: (
    <>
      <circle cx="8" cy="8" r="6.2" />
      <path d="M5 8h6" />
    </>
  ),
  RUNNING: (
    <path className="jp-mlflow-Status-turning" d="M8 1.8A6.2 6.2 0 1 1 1.8 8" />
  ),
  SCHEDULED: (
    <>
      <circle cx="8" cy="8" r="6.2" />
      <path d="M8 4.6V8l2.4 1.6" />
    </>
  ),
  INTERRUPTED: (
    <>
      <circle cx="8" cy="8" r="6.2" />
      <path d="M6.4 5.8v4.4m3.2-4.4v4.4" />
    </>
  ),
  UNKNOWN: <circle cx="8" cy="8" r="6.2" strokeDasharray="2 2" />
};

/** How runs and cells stand, as shapes of their own. */
export type StatusShape = keyof typeof SHAPES;

/** The status in words; one that a newer MLflow brought is shown as it came. */
export function runStatusText(
  status: RunStatus,
  trans: TranslationBundle
): string {
  switch (status) {
    case 'FINISHED':
      return trans.__('Finished');
    case 'FAILED':
      return trans.__('Failed');
    case 'KILLED':
      return trans.__('Killed');
    case 'RUNNING':
      return trans.__('Running');
    case 'SCHEDULED':
      return trans.__('Scheduled');
    default:
      return status === '' ? trans.__('Unknown') : status;
  }
}

/** A shape in its colour, with its words for screen readers. @param look - whose colour it has. */
export function StatusMark(props: {
  shape: StatusShape;
  look: string;
  text: string;
}): JSX.Element {
  const { shape, look, text } = props;
  return (
    <span
      className={`jp-mlflow-Status jp-mod-${look}`}
      role="img"
      aria-label={text}
      title={text}
    >
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        {SHAPES[shape]}
      </svg>
    </span>
  );
}

/** The statuses of runs that have a shape. */
const OF_RUNS: ReadonlyArray<StatusShape> = [
  'FINISHED',
  'FAILED',
  'KILLED',
  'RUNNING',
  'SCHEDULED'
];

/** A run's status as an icon that screen readers can read. */
export function StatusIcon(props: { status: RunStatus }): JSX.Element {
  const { status } = props;
  const shape = OF_RUNS.find(each => each === status) ?? 'UNKNOWN';
  return (
    <StatusMark
      shape={shape}
      look={shape.toLowerCase()}
      text={runStatusText(status, useTrans())}
    />
  );
}
