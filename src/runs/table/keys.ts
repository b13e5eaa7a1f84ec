/** A cell of the grid: row -1 is the head; column 0 the check box, 1 the name. */
export interface GridPlace {
  readonly row: number;
  readonly column: number;
}

/** Where a key leads in a grid, or null for a key that does not move. */
export function movedPlace(
  event: {
    readonly key: string;
    readonly ctrlKey: boolean;
    readonly metaKey: boolean;
  },
  from: GridPlace,
  grid: {
    readonly rows: number;
    readonly columns: number;
    readonly page: number;
  }
): GridPlace | null {
  const all = event.ctrlKey || event.metaKey;
  const lastRow = grid.rows - 1;
  const lastColumn = grid.columns - 1;
  const at = (row: number, column: number): GridPlace => ({
    row: Math.max(-1, Math.min(row, lastRow)),
    column: Math.max(0, Math.min(column, lastColumn))
  });
  switch (event.key) {
    case 'ArrowDown':
      return at(all ? lastRow : from.row + 1, from.column);
    case 'ArrowUp':
      return at(all ? 0 : from.row - 1, from.column);
    case 'ArrowRight':
      return at(from.row, all ? lastColumn : from.column + 1);
    case 'ArrowLeft':
      return at(from.row, all ? 0 : from.column - 1);
    case 'Home':
      return at(all ? 0 : from.row, 0);
    case 'End':
      return at(all ? lastRow : from.row, lastColumn);
    case 'PageDown':
      return at(from.row + grid.page, from.column);
    case 'PageUp':
      return at(Math.max(0, from.row - grid.page), from.column);
    default:
      return null;
  }
}
