import { classes } from '../../ui/buttons';
import { useTrans } from '../../ui/context';
import { type RunColumn } from './columns';
import type { TableSort } from './state';

interface Resizable {
  readonly getResizeHandler: () => (event: unknown) => void;
  readonly column: {
    readonly resetSize: () => void;
    readonly getIsResizing: () => boolean;
  };
}

/** The head of one column: sorts by a click, and is resized at its edge. */
export function ColumnHead(props: {
  column: RunColumn;
  /** The column's index from the left, the check box being 0. */
  index: number;
  domId: string;
  resizable: Resizable | undefined;
  sort: TableSort | null;
  hasCursor: boolean;
  className?: string;
  onSort: () => void;
}): JSX.Element {
  const { column, sort, resizable } = props;
  const trans = useTrans();
  const sorted =
    sort?.columnId === column.id
      ? sort.descending
        ? 'descending'
        : 'ascending'
      : undefined;
  const canSort = column.orderBy !== null;
  const hint =
    column.unsortable ??
    (column.kind === 'param'
      ? trans.__('Sort by %1 (MLflow sorts parameters as text)', column.label)
      : trans.__('Sort by %1', column.label));
  return (
    <th
      id={props.domId}
      scope="col"
      aria-colindex={props.index + 1}
      aria-sort={sorted ?? (canSort ? 'none' : undefined)}
      data-cursor={props.hasCursor || undefined}
      className={classes(
        'jp-mlflow-RunTable-head',
        column.isNumber && 'jp-mod-number',
        props.className
      )}
    >
      <button
        type="button"
        tabIndex={-1}
        title={hint}
        aria-disabled={!canSort}
        onClick={props.onSort}
      >
        <span className="jp-mlflow-RunTable-label">{column.label}</span>
        {sorted && (
          <span aria-hidden="true">{sorted === 'descending' ? '▼' : '▲'}</span>
        )}
      </button>
      {resizable && (
        <span
          className={classes(
            'jp-mlflow-RunTable-edge',
            resizable.column.getIsResizing() && 'jp-mod-active'
          )}
          aria-hidden="true"
          onMouseDown={resizable.getResizeHandler()}
          onTouchStart={resizable.getResizeHandler()}
          onDoubleClick={() => resizable.column.resetSize()}
        />
      )}
    </th>
  );
}
