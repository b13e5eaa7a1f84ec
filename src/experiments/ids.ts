/** The commands about experiments. */
export const CommandIDs = {
  create: 'mlflow:create-experiment',
  select: 'mlflow:select-experiment',
  rename: 'mlflow:rename-experiment',
  remove: 'mlflow:delete-experiment',
  restore: 'mlflow:restore-experiment',
  copyId: 'mlflow:copy-experiment-id',
  details: 'mlflow:show-experiment-details',
  toggleDeleted: 'mlflow:toggle-deleted-experiments',
  sort: 'mlflow:sort-experiments'
} as const;
