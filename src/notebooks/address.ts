import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { showCell } from './places';

/** Begins the part of an address that names a cell, as in JupyterLab's own links to cells. */
const PREFIX = '#cell-id=';

/** The part of an address that names a cell. */
export function cellHash(cellId: string): string {
  return PREFIX + encodeURIComponent(cellId);
}

/** The cell that an address names, or null. */
export function cellOfHash(hash: string): string | null {
  try {
    return hash.startsWith(PREFIX)
      ? decodeURIComponent(hash.slice(PREFIX.length))
      : null;
  } catch {
    return null;
  }
}

/** The notebook of a window that holds one, as soon as it is there. */
function notebookOf(tracker: INotebookTracker): Promise<NotebookPanel> {
  const { currentWidget } = tracker;
  return currentWidget
    ? Promise.resolve(currentWidget)
    : new Promise(resolve => {
        const take = (_: unknown, panel: NotebookPanel | null): void => {
          if (panel) {
            tracker.currentChanged.disconnect(take);
            resolve(panel);
          }
        };
        tracker.currentChanged.connect(take);
      });
}

/** Shows the cell that the address of a window names: Notebook 7 does not look at it. */
export async function showCellOfAddress(
  tracker: INotebookTracker,
  hash: string
): Promise<void> {
  const cellId = cellOfHash(hash);
  if (cellId !== null) {
    await showCell(await notebookOf(tracker), cellId);
  }
}
