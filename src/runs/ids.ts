/** The commands about runs in lists and tables. */
export const CommandIDs = {
  openTable: 'mlflow:open-run-table',
  refresh: 'mlflow:refresh-runs',
  open: 'mlflow:open-run',
  rename: 'mlflow:rename-run',
  remove: 'mlflow:delete-run',
  restore: 'mlflow:restore-run',
  copyId: 'mlflow:copy-run-id',
  copyLink: 'mlflow:copy-run-link',
  toggleDeleted: 'mlflow:toggle-deleted-runs'
} as const;
