import type { DragEvent } from 'react';

/** Under which the id of a run is dragged, beside its text. */
export const RUN_MIME = 'application/vnd.jupyter-mlflow.run-id';

/** Code that gives a run. */
export function runCode(runId: string): string {
  return `mlflow.get_run(${JSON.stringify(runId)})`;
}

/**
 * A run that is dragged, into a cell for instance, gives its id; with Alt held, code that gives the run.
 *
 * Stands on a node around rows and links that say by `data-mlflow-run-id` which run they are.
 */
export function onDragRun(event: DragEvent): void {
  const run =
    event.target instanceof Element
      ? event.target.closest<HTMLElement>('[data-mlflow-run-id]')
      : null;
  const runId = run?.dataset.mlflowRunId;
  if (runId) {
    // A link would give its address beside it.
    event.dataTransfer.clearData();
    event.dataTransfer.setData(
      'text/plain',
      event.altKey ? runCode(runId) : runId
    );
    event.dataTransfer.setData(RUN_MIME, runId);
    event.dataTransfer.effectAllowed = 'copy';
    event.stopPropagation();
  }
}
