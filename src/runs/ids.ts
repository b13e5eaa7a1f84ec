/** The commands about runs in lists and tables. */
export namespace CommandIDs {
  export const openTable = 'mlflow:open-run-table';
  export const refresh = 'mlflow:refresh-runs';
  export const open = 'mlflow:open-run';
  export const rename = 'mlflow:rename-run';
  export const remove = 'mlflow:delete-run';
  export const restore = 'mlflow:restore-run';
  export const copyId = 'mlflow:copy-run-id';
  export const copyLink = 'mlflow:copy-run-link';
  export const toggleDeleted = 'mlflow:toggle-deleted-runs';
}
