import * as v from 'valibot';
import type { LoggedModel, Run } from '../../mlflow';

/** A model that a run logged, whichever way its client did. */
export interface RunModel {
  /** What stands behind `runs:/<run>/`. */
  readonly name: string;
  /** The logged model of MLflow 3; null for one that lies among the run's artifacts. */
  readonly modelId: string | null;
  readonly status: string;
  /** Such as `sklearn`, in the order they stand in the model. */
  readonly flavors: ReadonlyArray<string>;
}

export const HISTORY_TAG = 'mlflow.log-model.history';

const history = v.array(
  v.object({
    artifact_path: v.string(),
    flavors: v.optional(v.record(v.string(), v.unknown()), {})
  })
);

/** The entries of a tag that MLflow may have cut at its longest length. */
function entriesOf(tag: string): v.InferOutput<typeof history> {
  try {
    const parsed = v.safeParse(history, JSON.parse(tag));
    if (parsed.success) {
      return parsed.output;
    }
  } catch {
    // Cut: the names of what is whole can still be told.
  }
  return [...tag.matchAll(/"artifact_path":\s*"([^"\\]+)"/g)].map(
    ([, artifact_path]) => ({ artifact_path, flavors: {} })
  );
}

/**
 * The models of a run: logged models of MLflow 3, then those of older clients, each name once.
 *
 * @param logged - the logged models whose source is the run, as far as they are known.
 */
export function modelsOfRun(
  run: Run,
  logged: ReadonlyArray<LoggedModel>
): ReadonlyArray<RunModel> {
  const models = new Map<string, RunModel>();
  for (const { id, name, status } of logged) {
    models.set(id, { name, modelId: id, status, flavors: [] });
  }
  const names = new Set(logged.map(({ name }) => name));
  for (const entry of entriesOf(run.tags.get(HISTORY_TAG) ?? '')) {
    const { artifact_path: name, flavors } = entry;
    if (!names.has(name)) {
      names.add(name);
      models.set(name, {
        name,
        modelId: null,
        status: '',
        flavors: Object.keys(flavors).filter(
          flavor => flavor !== 'python_function'
        )
      });
    }
  }
  return [...models.values()];
}
