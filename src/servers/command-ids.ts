/** Commands about tracking servers. Those with a `serverId` mean the current server without it. */
export const ServerCommandIDs = {
  add: 'mlflow:add-server',
  edit: 'mlflow:edit-server',
  select: 'mlflow:select-server',
  remove: 'mlflow:remove-server',
  start: 'mlflow:start-server',
  stop: 'mlflow:stop-server',
  migrate: 'mlflow:upgrade-store',
  createEnvironment: 'mlflow:create-server-environment',
  details: 'mlflow:toggle-server-details',
  refresh: 'mlflow:refresh-servers'
} as const;
