import {
  columnPinningFeature,
  columnResizingFeature,
  columnSizingFeature,
  tableFeatures,
  useTable,
  type ColumnDef
} from '@tanstack/react-table';
import { useMemo } from 'react';
import { NAME_COLUMN, type RunColumn } from './columns';

const features = tableFeatures({
  columnSizingFeature,
  columnPinningFeature,
  columnResizingFeature
});

const PINNING = { start: [NAME_COLUMN], end: [] };

/**
 * No rows: TanStack Table would make an object for each run and for each of its cells, many times what the columnar store needs.
 * It keeps the model of the columns; rows are read straight from the store.
 */
const NO_ROWS: Array<Record<string, never>> = [];

/** The columns of the table: widths, edges that can be dragged, what stands still at the left. */
export function useColumnModel(
  columns: ReadonlyArray<RunColumn>,
  widths: Readonly<Record<string, number>>,
  onWidths: (widths: Readonly<Record<string, number>>) => void
) {
  const defs = useMemo<
    Array<ColumnDef<typeof features, Record<string, never>>>
  >(
    () =>
      columns.map(({ id, size }) => ({ id, size, minSize: 50, maxSize: 1200 })),
    [columns]
  );
  const sizing = useMemo(() => ({ ...widths }), [widths]);
  return useTable({
    features,
    columns: defs,
    data: NO_ROWS,
    columnResizeMode: 'onChange',
    state: { columnSizing: sizing, columnPinning: PINNING },
    onColumnSizingChange: updater =>
      onWidths(typeof updater === 'function' ? updater(sizing) : updater)
  });
}
