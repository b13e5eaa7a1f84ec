/** The commands about experiments. */
export namespace CommandIDs {
  export const create = 'mlflow:create-experiment';
  export const select = 'mlflow:select-experiment';
  export const rename = 'mlflow:rename-experiment';
  export const remove = 'mlflow:delete-experiment';
  export const restore = 'mlflow:restore-experiment';
  export const copyId = 'mlflow:copy-experiment-id';
  export const details = 'mlflow:show-experiment-details';
  export const toggleDeleted = 'mlflow:toggle-deleted-experiments';
  export const sort = 'mlflow:sort-experiments';
}
