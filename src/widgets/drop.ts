import type { Cell } from '@jupyterlab/cells';
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { RUN_MIME, runCode } from '../runs/drag';

/** Any page may offer such data: only what can be an id becomes code. */
const RUN_ID = /^\w{1,64}$/;

/** A run that is dropped on a notebook, beside the editors of its cells, becomes a cell that gives it. */
export function acceptRuns(panel: NotebookPanel): void {
  const { content } = panel;
  // In an editor, the text itself is dropped.
  const isOurs = (event: DragEvent): boolean =>
    Boolean(event.dataTransfer?.types.includes(RUN_MIME)) &&
    !(event.target instanceof Element && event.target.closest('.cm-editor')) &&
    !panel.context.model.readOnly;
  content.node.addEventListener('dragover', event => {
    if (isOurs(event) && event.dataTransfer) {
      event.preventDefault();
      event.dataTransfer.dropEffect = 'copy';
    }
  });
  content.node.addEventListener('drop', event => {
    const runId = event.dataTransfer?.getData(RUN_MIME) ?? '';
    if (!isOurs(event) || !RUN_ID.test(runId)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const at = content.widgets.findIndex(
      (cell: Cell) =>
        event.target instanceof Node && cell.node.contains(event.target)
    );
    content.activeCellIndex = at === -1 ? content.widgets.length - 1 : at;
    NotebookActions.insertBelow(content);
    content.activeCell?.model.sharedModel.setSource(
      `import mlflow\n\nrun = ${runCode(runId)}`
    );
  });
}
