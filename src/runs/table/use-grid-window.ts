import { useVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useMemo } from 'react';
import { useScrollAnchor } from '../anchor';
import type { RunOrder } from '../shown-runs';
import type { RunColumn } from './columns';
import { type ColumnWindow, ROW_HEIGHT } from './row';

/** Sizes in pixels, as style/run-table.css draws them. */
export const HEAD_HEIGHT = 30;
export const CHECK_WIDTH = 32;

/** What of the grid is in sight, in both directions; sizes in pixels. */
export interface GridWindow {
  readonly rows: ReadonlyArray<VirtualItem>;
  /** The columns behind the name that are in sight. */
  readonly across: ReadonlyArray<VirtualItem>;
  readonly window: ColumnWindow;
  /** Width of all columns. */
  readonly width: number;
  /** Widths of the columns out of sight at the left and at the right. */
  readonly before: number;
  readonly after: number;
  /** Heights of the rows out of sight above and below. */
  readonly above: number;
  readonly below: number;
  /** Whether the cell is drawn; row -1 is the head, column 0 the check box. */
  isDrawn(row: number, column: number): boolean;
  scrollToRow(row: number): void;
  /** @param column - the check box is 0, the name 1: both are always in sight. */
  scrollToColumn(column: number): void;
}

/**
 * Which rows and columns of a grid are in sight. The check boxes and the names stand still.
 *
 * @param options.version - changes with the runs.
 * @param options.columns - the name first.
 * @param options.widths - of the columns, in pixels.
 */
export function useGridWindow(options: {
  scroller: RefObject<HTMLElement>;
  runs: RunOrder;
  /** Rows that are shown of them. */
  count: number;
  version: number;
  columns: ReadonlyArray<RunColumn>;
  widths: ReadonlyArray<number>;
}): GridWindow {
  const { scroller, runs, count, version, columns, widths } = options;
  const pinned = CHECK_WIDTH + widths[0];
  const scrolling = columns.slice(1);
  const layout = widths.join();

  const rowVirtualizer = useVirtualizer({
    count,
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
    count,
    lineHeight: ROW_HEIGHT,
    keyAt: row => runs.idAt(row),
    indexOf: id => runs.rowOf(id)
  });

  const rows = rowVirtualizer
    .getVirtualItems()
    .filter(item => item.index < count);
  const across = columnVirtualizer
    .getVirtualItems()
    .filter(item => item.index < scrolling.length);
  const first = across[0]?.index ?? 0;
  const width = pinned + widths.slice(1).reduce((sum, one) => sum + one, 0);
  const before = across.length > 0 ? across[0].start - pinned : 0;
  const after = across.length > 0 ? width - across[across.length - 1].end : 0;
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
  return {
    rows,
    across,
    window,
    width,
    before,
    after,
    above: rows[0]?.start ?? 0,
    below: Math.max(0, rowVirtualizer.getTotalSize() - (rows.at(-1)?.end ?? 0)),
    isDrawn: (row, column) =>
      (row === -1 || rows.some(item => item.index === row)) &&
      (column < 2 || across.some(item => item.index === column - 2)),
    scrollToRow: row => rowVirtualizer.scrollToIndex(row),
    scrollToColumn: column => {
      if (column > 1) {
        columnVirtualizer.scrollToIndex(column - 2);
      }
    }
  };
}
