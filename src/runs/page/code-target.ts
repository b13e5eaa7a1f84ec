import type { JupyterFrontEnd } from '@jupyterlab/application';
import { type INotebookTracker, NotebookActions } from '@jupyterlab/notebook';

/** Puts code into a new cell of the notebook that was used last. */
export interface CodeTarget {
  /** The notebook's name; null where there is none to insert into. */
  readonly name: string | null;
  insert(code: string): Promise<void>;
}

/** The notebook that was used last, as a place for code. */
export function notebookTarget(
  app: JupyterFrontEnd,
  tracker: INotebookTracker | null
): CodeTarget {
  return {
    get name() {
      return tracker?.currentWidget?.title.label ?? null;
    },
    insert: async code => {
      const panel = tracker?.currentWidget;
      if (!panel) {
        return;
      }
      await panel.context.ready;
      NotebookActions.insertBelow(panel.content);
      panel.content.activeCell?.model.sharedModel.setSource(code);
      app.shell.activateById(panel.id);
    }
  };
}
