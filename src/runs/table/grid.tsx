import { useVirtualizer } from '@tanstack/react-virtual';
import {
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent
} from 'react';
import { copyText } from '../../ui/clipboard';
import { useTimeFormat, useTrans } from '../../ui/context';
import { useNow } from '../../ui/time';
import { useScrollAnchor } from '../anchor';
import { type RunListing } from '../listing';
import { useColumnsVersion, useLoadState, useLook } from '../use-listing';
import {
  cellTitle,
  cellValue,
  type CellStyle,
  type RunColumn
} from './columns';
import { ColumnHead } from './header';
import { movedPlace } from './keys';
import { ROW_HEIGHT, RunRow, type ColumnWindow } from './row';
import type { RunSelection } from './selection';
import type { TableSort } from './state';
import { useColumnModel } from './use-columns';

/** Sizes in pixels, as style/run-table.css draws them. */
const HEAD_HEIGHT = 30;
const CHECK_WIDTH = 32;

/** One step of a column's edge by the keyboard, in pixels. */
const WIDTH_STEP = 10;

export interface RunGridProps {
  readonly label: string;
  readonly listing: RunListing;
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
  const { listing, columns, selection, onOpen, onCursor } = props;
  const runs = listing.columns;
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
  const nameWidth = widths[0];
  const pinned = CHECK_WIDTH + nameWidth;
  const scrolling = columns.slice(1);
  const layout = widths.join();

  const rowVirtualizer = useVirtualizer({
    count: runs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    scrollPaddingEnd: HEAD_HEIGHT,
    overscan: 8
  });
  const columnVirtualizer = useVirtualizer({
    horizontal: true,
    count: scrolling.length,
    getScrollElement: () => scroller.current,
    estimateSize: index => widths[index + 1],
    paddingStart: pinned,
    scrollPaddingStart: pinned,
    overscan: 1
  });
  useEffect(() => columnVirtualizer.measure(), [columnVirtualizer, layout]);
  useScrollAnchor({
    scroller,
    version,
    count: runs.length,
    lineHeight: ROW_HEIGHT,
    keyAt: row => runs.idAt(row),
    indexOf: id => runs.rowOf(id)
  });

  const items = rowVirtualizer
    .getVirtualItems()
    .filter(item => item.index < runs.length);
  const across = columnVirtualizer
    .getVirtualItems()
    .filter(item => item.index < scrolling.length);
  const first = across[0]?.index ?? 0;
  const total = pinned + widths.slice(1).reduce((sum, width) => sum + width, 0);
  const before = across.length > 0 ? across[0].start - pinned : 0;
  const after = across.length > 0 ? total - across[across.length - 1].end : 0;
  const drawn = across.map(item => scrolling[item.index].id).join('\n');
  const window = useMemo<ColumnWindow>(
    () => ({
      columns: across.map(item => scrolling[item.index]),
      first,
      hasBefore: before > 0,
      hasAfter: after > 0
    }),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `drawn` stands for the columns
    [drawn, first, before > 0, after > 0, columns]
  );
  useLook(
    listing,
    items.map(item => runs.idAt(item.index)),
    items.at(-1)?.index ?? -1
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

  const act = (event: KeyboardEvent): boolean => {
    const { key } = event;
    const column: RunColumn | undefined = columns[cursor.column - 1];
    if (row === -1) {
      if ((key === 'Enter' || key === ' ') && column !== undefined) {
        props.onSort(column);
        return true;
      }
      if (
        event.shiftKey &&
        (key === 'ArrowLeft' || key === 'ArrowRight') &&
        column !== undefined
      ) {
        const width =
          widths[cursor.column - 1] +
          (key === 'ArrowLeft' ? -WIDTH_STEP : WIDTH_STEP);
        props.onWidths({ ...props.widths, [column.id]: Math.max(50, width) });
        return true;
      }
      if (key === ' ' && column === undefined) {
        selection.setAll(selection.ids.size === 0);
        return true;
      }
    } else {
      const runId = runs.idAt(row);
      switch (key) {
        case 'Enter':
          onOpen(runId);
          return true;
        case ' ':
          selection.toggle(runId, event.shiftKey);
          return true;
        case 'F2':
          props.onRename(runId);
          return true;
        case 'Delete':
          props.onDelete(selection.ids.size > 0 ? [...selection.ids] : [runId]);
          return true;
        case 'c':
          if ((event.ctrlKey || event.metaKey) && column !== undefined) {
            void copyText(cellValue(column, runs.rows, runs.slotAt(row)));
            return true;
          }
      }
    }
    if (key === 'a' && (event.ctrlKey || event.metaKey)) {
      selection.setAll(true);
      return true;
    }
    const next = movedPlace(
      event,
      { row, column: cursor.column },
      {
        rows: runs.length,
        columns: columns.length + 1,
        page: Math.max(
          1,
          Math.floor(
            ((scroller.current?.clientHeight ?? 0) - HEAD_HEIGHT) / ROW_HEIGHT
          ) - 1
        )
      }
    );
    if (next === null) {
      return false;
    }
    const runId = next.row === -1 ? null : runs.idAt(next.row);
    setCursor({ runId, column: next.column });
    if (runId !== null) {
      rowVirtualizer.scrollToIndex(next.row);
      onCursor(runId);
      if (event.shiftKey && next.row !== row && row !== -1) {
        selection.toggle(runId, true);
      }
    }
    if (next.column > 1) {
      columnVirtualizer.scrollToIndex(next.column - 2);
    }
    return true;
  };

  const isDrawn =
    (row === -1 || items.some(item => item.index === row)) &&
    (cursor.column < 2 ||
      across.some(item => item.index === cursor.column - 2));
  const headers = new Map(
    (model.getHeaderGroups()[0]?.headers ?? []).map(header => [
      header.column.id,
      header
    ])
  );
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
      hasCursor={row === -1 && cursor.column === index}
      className={className}
      onSort={() => {
        setCursor({ runId: null, column: index });
        props.onSort(column);
        grid.current?.focus({ preventScroll: true });
      }}
    />
  );
  const span =
    2 +
    window.columns.length +
    Number(window.hasBefore) +
    Number(window.hasAfter);
  const allTicked = selection.ids.size > 0 && selection.ids.size >= runs.length;

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
        aria-rowcount={isComplete ? runs.length + 1 : -1}
        aria-colcount={columns.length + 1}
        aria-multiselectable="true"
        aria-busy={props.isStale}
        aria-activedescendant={
          isDrawn ? `${prefix}${row}-${cursor.column}` : undefined
        }
        className="jp-mlflow-RunTable-grid"
        style={{ width: total }}
        onKeyDown={event => {
          if (!event.altKey && act(event)) {
            event.preventDefault();
            event.stopPropagation();
          }
        }}
      >
        <colgroup>
          <col style={{ width: CHECK_WIDTH }} />
          <col style={{ width: nameWidth }} />
          {window.hasBefore && <col style={{ width: before }} />}
          {across.map(item => (
            <col key={item.key} style={{ width: item.size }} />
          ))}
          {window.hasAfter && <col style={{ width: after }} />}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            <th
              id={`${prefix}-1-0`}
              scope="col"
              aria-colindex={1}
              data-cursor={(row === -1 && cursor.column === 0) || undefined}
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
            {head(columns[0], 1, 'jp-mlflow-RunTable-name')}
            {window.hasBefore && <td aria-hidden="true" />}
            {window.columns.map((column, index) =>
              head(column, first + index + 2)
            )}
            {window.hasAfter && <td aria-hidden="true" />}
          </tr>
        </thead>
        <tbody
          onMouseOver={event => {
            const found = cellOf(event.target);
            const column = columns[(found?.column ?? 0) - 1] as
              RunColumn | undefined;
            if (
              found !== null &&
              column !== undefined &&
              found.row < runs.length
            ) {
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
            style={{ height: items[0]?.start ?? 0 }}
          >
            <td colSpan={span} />
          </tr>
          {items.map(item => {
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
            style={{
              height: Math.max(
                0,
                rowVirtualizer.getTotalSize() - (items.at(-1)?.end ?? 0)
              )
            }}
          >
            <td colSpan={span} />
          </tr>
        </tbody>
      </table>
    </div>
  );
}
