import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Cell } from '@jupyterlab/cells';
import {
  NotebookActions,
  type INotebookTracker,
  type NotebookPanel
} from '@jupyterlab/notebook';
import type { ITranslator } from '@jupyterlab/translation';
import type { WidgetPlace } from './services';

/** The notebooks of this JupyterLab, as places of outputs. */
export function notebookPlace(
  app: JupyterFrontEnd,
  tracker: INotebookTracker | null,
  translator: ITranslator
): WidgetPlace {
  const panelOf = (node: Element): NotebookPanel | null =>
    tracker?.find(panel => panel.content.node.contains(node)) ??
    tracker?.currentWidget ??
    null;
  return {
    canInsert: () => Boolean(tracker?.currentWidget),
    trust: node => {
      const panel = panelOf(node);
      return (
        panel &&
        (async () => {
          const { trusted } = await NotebookActions.trust(
            panel.content,
            translator
          );
          if (trusted && !panel.context.model.readOnly) {
            await panel.context.save();
          }
        })
      );
    },
    insert: async (node, code) => {
      const panel = panelOf(node);
      if (!panel) {
        return;
      }
      await panel.context.ready;
      const { content } = panel;
      const at = content.widgets.findIndex((cell: Cell) =>
        cell.node.contains(node)
      );
      if (at !== -1) {
        content.activeCellIndex = at;
      }
      NotebookActions.insertBelow(content);
      content.activeCell?.model.sharedModel.setSource(code);
      app.shell.activateById(panel.id);
    }
  };
}
