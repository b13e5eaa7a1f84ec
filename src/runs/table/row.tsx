import { memo } from 'react';
import { classes } from '../../ui/buttons';
import { StatusIcon } from '../../ui/status';
import type { RunOrder } from '../shown-runs';
import { cellText, type CellStyle, type RunColumn } from './columns';

/** Height of a row in pixels, as style/run-table.css draws it. */
export const ROW_HEIGHT = 28;

/** The columns that are drawn of all that scroll. */
export interface ColumnWindow {
  readonly columns: ReadonlyArray<RunColumn>;
  /** Index of the first one among those that scroll. */
  readonly first: number;
  /** Whether columns are left out before and after, whose place a spacer keeps. */
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
}

export interface RunRowProps {
  readonly runs: RunOrder;
  readonly slot: number;
  /** Changes with the values in the slot. */
  readonly stamp: number;
  readonly row: number;
  readonly prefix: string;
  readonly name: RunColumn;
  readonly window: ColumnWindow;
  readonly style: CellStyle;
  readonly isSelected: boolean;
  /** The column under the cursor: 0 is the check box, 1 the name; -1 for none in this row. */
  readonly cursor: number;
  readonly selectLabel: string;
  readonly nestedLabel: string;
  readonly onOpen: (runId: string) => void;
  readonly onSelect: (runId: string, range: boolean) => void;
  readonly onCursor: (runId: string, column: number) => void;
}

/** One run of the table. */
export const RunRow = memo(
  function RunRow(props: RunRowProps): JSX.Element {
    const { runs, slot, row, prefix, window, cursor, isSelected } = props;
    const { rows } = runs;
    const id = rows.id(slot);
    const name = cellText(props.name, rows, slot, props.style);
    const cell = (column: number) => ({
      id: `${prefix}${row}-${column}`,
      'aria-colindex': column + 1,
      'data-cursor': cursor === column || undefined
    });
    return (
      <tr
        aria-rowindex={row + 2}
        aria-selected={isSelected}
        data-mlflow-run-id={id}
        className={classes(
          'jp-mlflow-RunItem jp-mlflow-RunTable-row',
          isSelected && 'jp-mod-selected',
          rows.isDeleted(slot) && 'jp-mod-deleted'
        )}
        onClick={event => {
          const target =
            event.target instanceof Element ? event.target.closest('td') : null;
          const column = Number(target?.getAttribute('aria-colindex') ?? 2) - 1;
          props.onCursor(id, column);
          if (event.target instanceof HTMLInputElement) {
            props.onSelect(id, event.shiftKey);
          } else if (event.shiftKey || event.ctrlKey || event.metaKey) {
            props.onSelect(id, event.shiftKey);
          }
        }}
        onDoubleClick={() => props.onOpen(id)}
        onContextMenu={() => props.onCursor(id, 1)}
      >
        <td {...cell(0)} className="jp-mlflow-RunTable-check">
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={`${props.selectLabel} ${name}`}
            checked={isSelected}
            readOnly
          />
        </td>
        <td {...cell(1)} className="jp-mlflow-RunTable-name">
          <StatusIcon status={rows.status(slot)} />
          {rows.parentId(slot) !== null && (
            <span
              className="jp-mlflow-Runs-orphan"
              role="img"
              aria-label={props.nestedLabel}
              title={props.nestedLabel}
            >
              ↳
            </span>
          )}
          <a
            href="#"
            tabIndex={-1}
            onClick={event => {
              event.preventDefault();
              if (!event.shiftKey && !event.ctrlKey && !event.metaKey) {
                props.onOpen(id);
              }
            }}
          >
            {name}
          </a>
        </td>
        {window.hasBefore && <td aria-hidden="true" />}
        {window.columns.map((column, index) => (
          <td
            key={column.id}
            {...cell(window.first + index + 2)}
            className={column.isNumber ? 'jp-mod-number' : undefined}
          >
            {cellText(column, rows, slot, props.style)}
          </td>
        ))}
        {window.hasAfter && <td aria-hidden="true" />}
      </tr>
    );
  },
  (before, after) =>
    before.slot === after.slot &&
    before.stamp === after.stamp &&
    before.runs === after.runs &&
    before.row === after.row &&
    before.window === after.window &&
    before.style === after.style &&
    before.isSelected === after.isSelected &&
    before.cursor === after.cursor &&
    before.onOpen === after.onOpen
);
