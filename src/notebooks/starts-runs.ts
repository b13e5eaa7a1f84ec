const STARTS = /\bmlflow\.(?:\w+\.)*(?:start_run|autolog|log_\w+)\s*\(/;
const MAGIC = /^\s*%%?mlflow\b/m;

/** Whether code begins MLflow runs, as far as its text tells. */
export function startsRuns(code: string): boolean {
  return STARTS.test(code) || MAGIC.test(code);
}
