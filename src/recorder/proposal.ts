import type { INotebookModel } from '@jupyterlab/notebook';
import * as v from 'valibot';
import { SENDS, type Recording } from './answers';

/** Key of our own in the metadata of a notebook. */
const KEY = 'jupyter-mlflow';

const schema = v.object({
  recording: v.object({ keep: v.boolean(), send: v.picklist(SENDS) })
});

/** What somebody proposes to all who open a notebook. Nothing follows from it until a person agrees. */
export type Proposal = v.InferOutput<typeof schema>['recording'];

/** The proposal in a notebook's metadata; null where there is none, or where it says what holds already. */
export function proposalOf(
  metadata: unknown,
  recording: Recording | null
): Proposal | null {
  const read = v.safeParse(schema, metadata);
  if (!read.success || recording === null) {
    return null;
  }
  const { keep, send } = read.output.recording;
  const isSame = keep === recording.keep && send === recording.send;
  // Whoever decided for this notebook has decided.
  return isSame || recording.rule === 'notebook' ? null : { keep, send };
}

/** What is needed of a notebook's model. */
type Metadata = Pick<INotebookModel, 'getMetadata' | 'setMetadata'>;

/** What a notebook says to us. */
export function ourMetadata(model: Metadata): unknown {
  return model.getMetadata(KEY);
}

/** Writes what holds into the notebook, for others to agree to. */
export function propose(model: Metadata, recording: Recording): void {
  const before = v.safeParse(v.looseObject({}), model.getMetadata(KEY));
  const kept = before.success ? before.output : {};
  const { keep, send } = recording;
  model.setMetadata(KEY, { ...kept, recording: { keep, send } });
}
