export * from './tokens';
export { ApiError, asProblem } from './api';
export {
  ServersProvider,
  useCurrentServer,
  useHealth,
  useLiveQuery,
  useServers
} from './context';
