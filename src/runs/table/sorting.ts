import type { RunColumn } from './columns';
import type { TableSort } from './state';

/** How a table is sorted after a click on a column: by it, the other way round, then as before. */
export function nextSort(
  sort: TableSort | null,
  column: RunColumn
): TableSort | null {
  // Numbers and times are mostly asked for from the top, names from A.
  const first = column.isNumber || column.key.endsWith('_time');
  if (sort?.columnId !== column.id) {
    return { columnId: column.id, descending: first };
  }
  return sort.descending === first
    ? { columnId: column.id, descending: !first }
    : null;
}
