import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { type Contents, ServerConnection } from '@jupyterlab/services';
import { type CellOrigin, type CellPlace, cellsOf } from './cell';
import type { NotebookRecords } from './record';

/** Larger notebooks are not read only to find a cell, in bytes. */
const READ_AT_MOST = 5_000_000;

export interface CellPlacesOptions {
  readonly tracker: INotebookTracker;
  readonly contents: Pick<Contents.IManager, 'get' | 'driveName'>;
  readonly records: Pick<NotebookRecords, 'byId'>;
  /** Opens a notebook that exists, or shows it where it is open. Null where the window has room for one notebook only. */
  readonly open: ((path: string) => NotebookPanel | null) | null;
  /** Opens a notebook that exists in a window of its own, at a cell. */
  readonly openWindow: (path: string, cellId: string | null) => void;
  /** Brings an open notebook to the front. */
  readonly activate: (panel: NotebookPanel) => void;
}

/** Finds the cells that made runs, and shows them. */
export class CellPlaces {
  constructor(private readonly _options: CellPlacesOptions) {}

  /**
   * Where a cell is now. Null where nothing tells which notebook it was in.
   *
   * @throws NetworkError or ResponseError where the notebook could not be looked for.
   */
  async locate(
    origin: CellOrigin,
    signal?: AbortSignal
  ): Promise<CellPlace | null> {
    const path = await this._pathOf(origin, signal);
    if (path === null) {
      return null;
    }
    const panel = this._find(path);
    if (panel?.context.isReady) {
      const cell = panel.content.widgets.find(
        ({ model }) => model.id === origin.cellId
      )?.model;
      return {
        path,
        notebook: 'there',
        cell: seen(origin, cell !== undefined),
        executionCount:
          cell && 'executionCount' in cell ? countOf(cell.executionCount) : null
      };
    }
    const file = await this._stat(path);
    if (file === null) {
      return { path, notebook: 'gone', cell: 'gone', executionCount: null };
    }
    if (origin.cellId === null || (file.size ?? 0) > READ_AT_MOST) {
      return { path, notebook: 'there', cell: 'unknown', executionCount: null };
    }
    const whole = await this._options.contents.get(path, {
      type: 'notebook',
      // Given any options, JupyterLab leaves the content out unless it is asked for.
      content: true
    });
    const cell = cellsOf(whole.content).find(({ id }) => id === origin.cellId);
    return {
      path,
      notebook: 'there',
      cell: cell ? 'there' : 'gone',
      executionCount: cell?.executionCount ?? null
    };
  }

  /**
   * Opens the notebook, scrolls to the cell and focuses it.
   *
   * @returns where it was found; the notebook is not opened where it is gone. Null as `locate`.
   */
  async show(origin: CellOrigin): Promise<CellPlace | null> {
    const { open, openWindow, activate } = this._options;
    const place = await this.locate(origin);
    if (place?.notebook !== 'there') {
      return place;
    }
    const found = this._find(place.path);
    if (!found && !open) {
      openWindow(place.path, place.cell === 'gone' ? null : origin.cellId);
      return place;
    }
    const panel = found ?? open?.(place.path);
    if (!panel) {
      return place;
    }
    activate(panel);
    return {
      ...place,
      cell: seen(origin, await showCell(panel, origin.cellId))
    };
  }

  private async _pathOf(
    origin: CellOrigin,
    signal?: AbortSignal
  ): Promise<string | null> {
    const { records, contents } = this._options;
    const record =
      origin.notebookId === null
        ? null
        : await records.byId(origin.notebookId, signal);
    const path = record?.path ?? origin.path;
    // A text with a colon may name another drive, where another notebook has this path.
    return path === null || contents.driveName(path) !== '' ? null : path;
  }

  private _find(path: string): NotebookPanel | null {
    return (
      this._options.tracker.find(panel => panel.context.localPath === path) ??
      null
    );
  }

  /** What stands at a path, if that is a notebook. */
  private async _stat(path: string): Promise<Contents.IModel | null> {
    try {
      const file = await this._options.contents.get(path, { content: false });
      return file.type === 'notebook' ? file : null;
    } catch (reason) {
      if (
        reason instanceof ServerConnection.ResponseError &&
        reason.response.status === 404
      ) {
        return null;
      }
      throw reason;
    }
  }
}

function seen(origin: CellOrigin, isThere: boolean): CellPlace['cell'] {
  return origin.cellId === null ? 'unknown' : isThere ? 'there' : 'gone';
}

function countOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

/** Scrolls an open notebook to a cell and focuses it. @returns false where it has no such cell. */
export async function showCell(
  panel: NotebookPanel,
  cellId: string | null
): Promise<boolean> {
  await panel.revealed;
  const notebook = panel.content;
  const index = notebook.widgets.findIndex(({ model }) => model.id === cellId);
  if (index === -1) {
    return false;
  }
  notebook.mode = 'command';
  notebook.activeCellIndex = index;
  await notebook.scrollToItem(index, 'center').catch(() => undefined);
  notebook.activate();
  return true;
}
