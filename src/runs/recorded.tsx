import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { formatInt } from '../ui/format';
import type { RunColumns } from './store';

/** The tag of runs that the recorder made of a cell, or of a kernel's session: no training runs. */
const TAG = 'jupyter.recorded';

/** Runs that no cell was recorded as, in the grammar of MLflow 3.9; older servers cannot ask for what is not there. */
export const NOT_RECORDED = `tags.\`${TAG}\` IS NULL`;

/** Whether a run is a recorded cell; null where no run of these is. */
export function recordedIn(
  columns: RunColumns
): ((slot: number) => boolean) | null {
  const tag = columns.rows.tags.get(TAG);
  return tag === undefined || tag.count === 0
    ? null
    : slot => tag.get(slot) !== undefined;
}

/** How many recorded cells are loaded. */
export function countRecorded(columns: RunColumns): number {
  return columns.rows.tags.get(TAG)?.count ?? 0;
}

/** Says that recorded cells are hidden, or offers to hide them; nothing where there are none. */
export function RecordedLine(props: {
  /** Of those that are loaded. */
  count: number;
  isHidden: boolean;
  onChange: (isHidden: boolean) => void;
}): JSX.Element | null {
  const { count, isHidden, onChange } = props;
  const trans = useTrans();
  if (count === 0 && !isHidden) {
    return null;
  }
  const number = formatInt(count);
  return (
    <div className="jp-mlflow-Count jp-mlflow-Count-recorded">
      {count === 0
        ? trans.__('Recorded cells are hidden')
        : isHidden
          ? trans._n(
              '1 recorded cell hidden',
              '%2 recorded cells hidden',
              count,
              number
            )
          : trans._n(
              '1 recorded cell',
              '%2 recorded cells',
              count,
              number
            )}{' '}
      <Button
        look="link"
        aria-label={
          isHidden
            ? trans.__('Show recorded cells')
            : trans.__('Hide recorded cells')
        }
        onClick={() => {
          onChange(!isHidden);
        }}
      >
        {isHidden ? trans.__('Show') : trans.__('Hide')}
      </Button>
    </div>
  );
}
