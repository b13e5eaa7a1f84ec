export * from './tokens';
export { ApiError, asProblem } from './api';
export { queriesOf } from './cache';
export { clientOf } from './client';
export {
  ServersProvider,
  useCurrentServer,
  useHealth,
  useLiveQuery,
  useServers
} from './context';
