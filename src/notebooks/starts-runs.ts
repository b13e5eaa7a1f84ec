const STARTS = /\bmlflow\.(?:\w+\.)*(?:start_run|autolog|log_\w+)\s*\(/;
/** A cell magic runs its cell as one run; other magics mostly read. */
const MAGIC =
  /^\s*%%mlflow\b|^\s*%mlflow\s+(?:log-param|log-metric|autolog\s+on)\b/m;

const CHOOSES = /\bset_experiment\s*\(|\bexperiment_(?:id|name)\s*=(?!=)/;
/** To read the variable is not to choose. */
const CHOOSING_VARIABLE =
  /\bMLFLOW_EXPERIMENT_(?:NAME|ID)(?:["']\s*(?:\]\s*=(?!=)|:)|\s*=(?!=))|\b(?:setdefault|putenv)\(\s*["']MLFLOW_EXPERIMENT_|^\s*%env\s+MLFLOW_EXPERIMENT_(?:NAME|ID)\s+\S/m;
const CHOOSING_MAGIC =
  /^\s*%mlflow\s+experiment\s+\S|^\s*%%mlflow\b.*--experiment\b/m;

/** Whether code begins MLflow runs, as far as its text tells. */
export function startsRuns(code: string): boolean {
  return STARTS.test(code) || MAGIC.test(code);
}

/** Whether code says itself which experiment runs go to, as far as its text tells. */
export function choosesExperiment(code: string): boolean {
  return [CHOOSES, CHOOSING_VARIABLE, CHOOSING_MAGIC].some(each =>
    each.test(code)
  );
}
