import { CodeCell } from '@jupyterlab/cells';
import {
  type INotebookTracker,
  NotebookActions,
  type NotebookPanel
} from '@jupyterlab/notebook';
import { type Contents, ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { CellPlaces } from '../notebooks';
import type { CellNow, NotebookAccess } from './context';

export interface NotebookAccessGiven {
  readonly tracker: INotebookTracker;
  readonly places: Pick<CellPlaces, 'show'>;
  readonly contents: Pick<Contents.IManager, 'get' | 'save'>;
  readonly commands: CommandRegistry;
  readonly trans: TranslationBundle;
}

/** The notebooks that are open in this window. */
export function openNotebooks(given: NotebookAccessGiven): NotebookAccess {
  const { tracker, places, contents, commands, trans } = given;
  const find = (path: string): NotebookPanel | undefined =>
    tracker.find(panel => panel.context.localPath === path);
  return {
    now: (path, cellId): CellNow | null => {
      const cell = find(path)?.content.widgets.find(
        ({ model }) => model.id === cellId
      );
      return cell instanceof CodeCell
        ? {
            source: cell.model.sharedModel.getSource(),
            outputs: () => cell.model.outputs.toJSON()
          }
        : null;
    },
    cells: path =>
      find(path)
        ?.content.widgets.filter(cell => cell instanceof CodeCell)
        .map(({ model }) => ({
          id: model.id,
          source: model.sharedModel.getSource()
        })) ?? null,
    save: async (path, make) => {
      const content = make(find(path)?.content.model?.metadata ?? {});
      const free = await freePath(contents, path);
      await contents.save(free, { type: 'notebook', format: 'json', content });
      await commands.execute('docmanager:open', { path: free });
      return free;
    },
    insert: (path, cellId, code) => {
      const notebook = find(path)?.content;
      if (!notebook) {
        return false;
      }
      const at = notebook.widgets.findIndex(({ model }) => model.id === cellId);
      if (at !== -1) {
        notebook.activeCellIndex = at;
      }
      NotebookActions.insertBelow(notebook);
      notebook.activeCell?.model.sharedModel.setSource(code);
      return true;
    },
    show: async ({ notebook_id, path, cell_id }) => {
      try {
        const place = await places.show({
          notebookId: notebook_id,
          path,
          cellId: cell_id
        });
        if (place === null || place.notebook === 'gone') {
          return trans.__('The notebook is not there any more.');
        }
        return place.cell === 'gone'
          ? trans.__('The cell is not in the notebook any more.')
          : null;
      } catch {
        return trans.__('The notebook could not be opened.');
      }
    }
  };
}

/** Names that are tried. */
const MOST_NAMES = 100;

/** A path beside a notebook where nothing stands yet: "a (as it ran).ipynb". */
async function freePath(
  contents: NotebookAccessGiven['contents'],
  path: string
): Promise<string> {
  const stem = path.replace(/\.ipynb$/, '');
  for (let at = 1; at <= MOST_NAMES; at++) {
    const wanted = `${stem} (as it ran${at === 1 ? '' : ` ${at}`}).ipynb`;
    try {
      await contents.get(wanted, { content: false });
    } catch (reason) {
      if (
        reason instanceof ServerConnection.ResponseError &&
        reason.response.status === 404
      ) {
        return wanted;
      }
      throw reason;
    }
  }
  throw new Error(`There are ${MOST_NAMES} notebooks of this name already.`);
}
