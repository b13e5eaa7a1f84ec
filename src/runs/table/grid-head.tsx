import { useTrans } from '../../ui/context';
import type { RunColumn } from './columns';
import { ColumnHead } from './header';
import type { ColumnWindow } from './row';
import type { RunSelection } from './selection';
import type { TableSort } from './state';
import type { useColumnModel } from './use-columns';

/** The grid's head: a box that ticks all runs, then the name and the columns in sight. */
export function GridHead(props: {
  /** Begins the ids of cells. */
  prefix: string;
  name: RunColumn;
  window: ColumnWindow;
  model: ReturnType<typeof useColumnModel>;
  sort: TableSort | null;
  selection: RunSelection;
  /** How many runs are loaded. */
  count: number;
  /** The column under the cursor, -1 where it is not in the head; the check box is 0. */
  cursor: number;
  onSort: (column: RunColumn, index: number) => void;
}): JSX.Element {
  const { prefix, window, selection, cursor } = props;
  const trans = useTrans();
  const headers = new Map(
    (props.model.getHeaderGroups()[0]?.headers ?? []).map(header => [
      header.column.id,
      header
    ])
  );
  const allTicked = selection.ids.size > 0 && selection.ids.size >= props.count;
  const head = (
    column: RunColumn,
    index: number,
    className?: string
  ): JSX.Element => (
    <ColumnHead
      key={column.id}
      column={column}
      index={index}
      domId={`${prefix}-1-${index}`}
      resizable={headers.get(column.id)}
      sort={props.sort}
      hasCursor={cursor === index}
      className={className}
      onSort={() => props.onSort(column, index)}
    />
  );
  return (
    <thead>
      <tr aria-rowindex={1}>
        <th
          id={`${prefix}-1-0`}
          scope="col"
          aria-colindex={1}
          data-cursor={cursor === 0 || undefined}
          className="jp-mlflow-RunTable-check"
        >
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={trans.__('Select all loaded runs')}
            checked={allTicked}
            ref={box => {
              if (box) {
                box.indeterminate = selection.ids.size > 0 && !allTicked;
              }
            }}
            onChange={event => selection.setAll(event.target.checked)}
          />
        </th>
        {head(props.name, 1, 'jp-mlflow-RunTable-name')}
        {window.hasBefore && <td aria-hidden="true" />}
        {window.columns.map((column, index) =>
          head(column, window.first + index + 2)
        )}
        {window.hasAfter && <td aria-hidden="true" />}
      </tr>
    </thead>
  );
}
