const STARTS = /\bmlflow\.(?:\w+\.)*(?:start_run|autolog|log_\w+)\s*\(/;
/** A cell magic runs its cell as one run; other magics mostly read. */
const MAGIC =
  /^\s*%%mlflow\b|^\s*%mlflow\s+(?:log-param|log-metric|autolog\s+on)\b/m;

const CHOOSES =
  /\bset_experiment\s*\(|\bMLFLOW_EXPERIMENT_(?:NAME|ID)\b|\bexperiment_(?:id|name)\s*=/;
const CHOOSING_MAGIC =
  /^\s*%mlflow\s+experiment\s+\S|^\s*%%mlflow\b.*--experiment\b/m;

/** Whether code begins MLflow runs, as far as its text tells. */
export function startsRuns(code: string): boolean {
  return STARTS.test(code) || MAGIC.test(code);
}

/** Whether code says itself which experiment runs go to, as far as its text tells. */
export function choosesExperiment(code: string): boolean {
  return CHOOSES.test(code) || CHOOSING_MAGIC.test(code);
}
