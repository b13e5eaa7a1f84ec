import type { Event } from '@jupyterlab/services';
import * as v from 'valibot';
import { OUTCOMES } from './answers';

const EXECUTION_EVENT =
  'https://jupyter-mlflow.readthedocs.io/events/execution/v1';
const RECORDING_EVENT =
  'https://jupyter-mlflow.readthedocs.io/events/recording/v1';

const execution = v.object({
  execution_id: v.string(),
  kernel_id: v.string(),
  notebook_id: v.nullish(v.string(), null),
  cell_id: v.nullish(v.string(), null),
  status: v.picklist([...OUTCOMES, 'deleted'])
});
const recording = v.object({ path: v.string(), state: v.string() });

/** What Jupyter's event bus tells of executions: that there is something to ask for, no code and no outputs. */
export type RecorderEvent =
  | { readonly kind: 'execution'; readonly of: v.InferOutput<typeof execution> }
  | {
      readonly kind: 'recording';
      readonly of: v.InferOutput<typeof recording>;
    };

/** Whether history was deleted: of this notebook, or of all. */
export function isDeletion(
  event: RecorderEvent,
  notebookId: string | null
): boolean {
  return (
    event.kind === 'execution' &&
    event.of.status === 'deleted' &&
    (event.of.notebook_id === null || event.of.notebook_id === notebookId)
  );
}

/** The event as ours; null for any other. */
export function readEvent(event: Event.Emission): RecorderEvent | null {
  if (event.schema_id === EXECUTION_EVENT) {
    const read = v.safeParse(execution, event);
    return read.success ? { kind: 'execution', of: read.output } : null;
  }
  if (event.schema_id === RECORDING_EVENT) {
    const read = v.safeParse(recording, event);
    return read.success ? { kind: 'recording', of: read.output } : null;
  }
  return null;
}
