import { classes } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { formatDuration } from '../ui/format';
import { Time } from '../ui/time';
import type { Execution } from './answers';
import { OutcomeIcon } from './outcome';

/** Characters of the first line of code that are shown. */
const MOST_CODE = 120;

/** One execution in a list: how it ended, when, how long it took, and what else tells it from others. */
export function ExecutionLine(props: {
  execution: Execution;
  isOpen: boolean;
  /** Whether the cell has other code now; null where nobody knows. */
  isChanged: boolean | null;
  /** Shows the beginning of the code: in lists of several cells. */
  withCode?: boolean;
  onToggle: () => void;
}): JSX.Element {
  const { execution, isOpen, isChanged, withCode } = props;
  const trans = useTrans();
  const { started, seconds, execution_count } = execution;
  return (
    <button
      type="button"
      className={classes('jp-mlflow-Execution-line', isOpen && 'jp-mod-open')}
      aria-expanded={isOpen}
      onClick={props.onToggle}
    >
      <OutcomeIcon outcome={execution.status} />
      <span className="jp-mlflow-Execution-count">
        {execution_count === null ? '[ ]' : `[${execution_count}]`}
      </span>
      {withCode && (
        <code className="jp-mlflow-Execution-begin">
          {execution.source === null
            ? trans.__('code not kept here')
            : firstLine(execution)}
        </code>
      )}
      {isChanged === true && (
        <span className="jp-mlflow-Execution-mark">{trans.__('edited')}</span>
      )}
      <span className="jp-mlflow-Execution-time">
        <Time time={started === null ? null : started * 1000} />
        {seconds !== null && <> · {formatDuration(seconds * 1000)}</>}
      </span>
    </button>
  );
}

function firstLine({ source }: Execution): string {
  const line = source?.split('\n').find(each => each.trim() !== '') ?? '';
  return line.trim().slice(0, MOST_CODE);
}
