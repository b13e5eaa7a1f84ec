/** Which cell made a run, as the run's tags say. Text of others: nothing of it is trusted. */
export interface CellOrigin {
  readonly notebookId: string | null;
  /** From Jupyter's root, as it was when the run was made. */
  readonly path: string | null;
  readonly cellId: string | null;
}

/** Where that cell is now. */
export interface CellPlace {
  /** From Jupyter's root. */
  readonly path: string;
  readonly notebook: 'there' | 'gone';
  /** `unknown`: nobody looked into the notebook. */
  readonly cell: 'there' | 'gone' | 'unknown';
  /** The number beside the cell, `[3]`; null where it has none. */
  readonly executionCount: number | null;
}

/** A longer path, or cell id, is not one. */
const LONGEST = 4096;

function text(value: string | undefined): string | null {
  return value !== undefined && value !== '' && value.length <= LONGEST
    ? value
    : null;
}

/** A path from Jupyter's root, or null for a text that is none: a path climbs nowhere. */
function asPath(value: string | null): string | null {
  const path = value?.replace(/^\/+/, '') ?? '';
  const climbs = path
    .split(/[\\/]/)
    .some(part => part === '..' || part === '.');
  return path === '' || climbs || path.includes('\0') ? null : path;
}

/** The cell that made a run, or null where the tags name no notebook. */
export function cellOrigin(
  tags: ReadonlyMap<string, string>
): CellOrigin | null {
  const origin = {
    notebookId: text(tags.get('jupyter.notebook_id')),
    path: asPath(text(tags.get('jupyter.notebook_path'))),
    cellId: text(tags.get('jupyter.cell_id'))
  };
  return origin.notebookId === null && origin.path === null ? null : origin;
}

/** A cell of a notebook file: what is needed of it. */
interface FileCell {
  readonly id: string | null;
  readonly executionCount: number | null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The cells of a notebook file. Empty for what is no notebook. */
export function cellsOf(content: unknown): ReadonlyArray<FileCell> {
  const cells = isObject(content) ? content.cells : null;
  return Array.isArray(cells)
    ? cells.filter(isObject).map(cell => ({
        id: typeof cell.id === 'string' ? cell.id : null,
        executionCount:
          typeof cell.execution_count === 'number' ? cell.execution_count : null
      }))
    : [];
}
