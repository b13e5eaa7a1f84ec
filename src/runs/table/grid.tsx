import {
  useCallback,
  useId,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent
} from 'react';
import { useTimeFormat, useTrans } from '../../ui/context';
import { useNow } from '../../ui/time';
import { onDragRun } from '../drag';
import { type RunListing } from '../listing';
import type { ShownRuns } from '../shown-runs';
import { useColumnsVersion, useLoadState, useLook } from '../use-listing';
import { cellTitle, type CellStyle, type RunColumn } from './columns';
import { GridHead } from './grid-head';
import { actOnGrid } from './grid-keys';
import { ROW_HEIGHT, RunRow } from './row';
import type { RunSelection } from './selection';
import type { TableSort } from './state';
import { useColumnModel } from './use-columns';
import { CHECK_WIDTH, HEAD_HEIGHT, useGridWindow } from './use-grid-window';

export interface RunGridProps {
  readonly label: string;
  readonly listing: RunListing;
  /** Those of the listing that are shown; all without. */
  readonly shown?: ShownRuns;
  /** Rows that are shown of it; all without. */
  readonly limit?: number;
  /** The name first. */
  readonly columns: ReadonlyArray<RunColumn>;
  readonly widths: Readonly<Record<string, number>>;
  readonly sort: TableSort | null;
  readonly selection: RunSelection;
  /** The listing is that of another question, still shown until its answer comes. */
  readonly isStale: boolean;
  readonly onWidths: (widths: Readonly<Record<string, number>>) => void;
  readonly onSort: (column: RunColumn) => void;
  readonly onOpen: (runId: string) => void;
  readonly onRename: (runId: string) => void;
  readonly onDelete: (runIds: ReadonlyArray<string>) => void;
  readonly onCursor: (runId: string) => void;
}

/** The cell under the cursor; without a run it is in the head. */
interface Cursor {
  readonly runId: string | null;
  readonly column: number;
}

/** The body's cell around a node, by its ARIA indices. */
function cellOf(
  target: EventTarget
): { cell: HTMLElement; row: number; column: number } | null {
  const cell =
    target instanceof Element
      ? target.closest<HTMLElement>('td[aria-colindex]')
      : null;
  const row = cell?.closest('tr')?.getAttribute('aria-rowindex');
  return cell === null || !row
    ? null
    : {
        cell,
        row: Number(row) - 2,
        column: Number(cell.getAttribute('aria-colindex')) - 1
      };
}

/** The runs as a grid, of which only what is in sight is drawn, in both directions. */
export function RunGrid(props: RunGridProps): JSX.Element {
  const { listing, shown, columns, selection, onOpen, onCursor } = props;
  const runs = shown ?? listing.columns;
  const count = Math.min(runs.length, props.limit ?? Infinity);
  const trans = useTrans();
  const prefix = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const grid = useRef<HTMLTableElement>(null);
  const version = useColumnsVersion(listing);
  const { isComplete } = useLoadState(listing);
  const timeFormat = useTimeFormat();
  const now = useNow(10_000);
  const style = useMemo<CellStyle>(
    () => ({ trans, timeFormat, now }),
    [trans, timeFormat, now]
  );
  const [cursor, setCursor] = useState<Cursor>({ runId: null, column: 1 });

  const model = useColumnModel(columns, props.widths, props.onWidths);
  const widths = columns.map(
    column => model.getColumn(column.id)?.getSize() ?? column.size
  );
  const sight = useGridWindow({
    scroller,
    runs,
    count,
    version,
    columns,
    widths
  });
  const { rows, across, window } = sight;
  const last = rows.at(-1)?.index ?? -1;
  const lastInSight = shown?.placeOf(last) ?? last;
  useLook(
    listing,
    rows.map(item => runs.idAt(item.index)),
    lastInSight,
    props.limit
  );

  const row = cursor.runId === null ? -1 : runs.rowOf(cursor.runId);
  const place = useCallback(
    (runId: string, column: number) => {
      setCursor({ runId, column });
      onCursor(runId);
      grid.current?.focus({ preventScroll: true });
    },
    [onCursor]
  );
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey) {
      return;
    }
    const height = (scroller.current?.clientHeight ?? 0) - HEAD_HEIGHT;
    const isDone = actOnGrid(event, {
      runs,
      count,
      columns,
      widths,
      selection,
      at: { row, column: cursor.column },
      page: Math.max(1, Math.floor(height / ROW_HEIGHT) - 1),
      onMove: to => {
        const runId = to.row === -1 ? null : runs.idAt(to.row);
        setCursor({ runId, column: to.column });
        if (runId !== null) {
          sight.scrollToRow(to.row);
          onCursor(runId);
        }
        sight.scrollToColumn(to.column);
      },
      onSort: props.onSort,
      onWidth: (column, width) =>
        props.onWidths({ ...props.widths, [column.id]: width }),
      onOpen,
      onRename: props.onRename,
      onDelete: props.onDelete
    });
    if (isDone) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  const span =
    2 +
    window.columns.length +
    Number(window.hasBefore) +
    Number(window.hasAfter);

  return (
    <div
      ref={scroller}
      className={
        props.isStale
          ? 'jp-mlflow-RunTable-scroller jp-mod-stale'
          : 'jp-mlflow-RunTable-scroller'
      }
    >
      <table
        ref={grid}
        role="grid"
        tabIndex={0}
        aria-label={props.label}
        aria-rowcount={isComplete || count < runs.length ? count + 1 : -1}
        aria-colcount={columns.length + 1}
        aria-multiselectable="true"
        aria-busy={props.isStale}
        aria-activedescendant={
          sight.isDrawn(row, cursor.column)
            ? `${prefix}${row}-${cursor.column}`
            : undefined
        }
        className="jp-mlflow-RunTable-grid"
        style={{ width: sight.width }}
        onKeyDown={onKeyDown}
      >
        <colgroup>
          <col style={{ width: CHECK_WIDTH }} />
          <col style={{ width: widths[0] }} />
          {window.hasBefore && <col style={{ width: sight.before }} />}
          {across.map(item => (
            <col key={item.key} style={{ width: item.size }} />
          ))}
          {window.hasAfter && <col style={{ width: sight.after }} />}
        </colgroup>
        <GridHead
          prefix={prefix}
          name={columns[0]}
          window={window}
          model={model}
          sort={props.sort}
          selection={selection}
          count={count}
          cursor={row === -1 ? cursor.column : -1}
          onSort={(column, index) => {
            setCursor({ runId: null, column: index });
            props.onSort(column);
            grid.current?.focus({ preventScroll: true });
          }}
        />
        <tbody
          onDragStart={onDragRun}
          onMouseOver={event => {
            const found = cellOf(event.target);
            const column = columns[(found?.column ?? 0) - 1] as
              RunColumn | undefined;
            if (found !== null && column !== undefined && found.row < count) {
              found.cell.title = cellTitle(
                column,
                runs.rows,
                runs.slotAt(found.row)
              );
            }
          }}
        >
          <tr
            aria-hidden="true"
            className="jp-mlflow-RunTable-space"
            style={{ height: sight.above }}
          >
            <td colSpan={span} />
          </tr>
          {rows.map(item => {
            const slot = runs.slotAt(item.index);
            const runId = runs.rows.id(slot);
            return (
              <RunRow
                key={runId}
                runs={runs}
                slot={slot}
                stamp={runs.rows.stamp(slot)}
                row={item.index}
                prefix={prefix}
                name={columns[0]}
                window={window}
                style={style}
                isSelected={selection.ids.has(runId)}
                cursor={item.index === row ? cursor.column : -1}
                selectLabel={trans.__('Select')}
                nestedLabel={trans.__('Nested run')}
                onOpen={onOpen}
                onSelect={selection.toggle}
                onCursor={place}
              />
            );
          })}
          <tr
            aria-hidden="true"
            className="jp-mlflow-RunTable-space"
            style={{ height: sight.below }}
          >
            <td colSpan={span} />
          </tr>
        </tbody>
      </table>
    </div>
  );
}
