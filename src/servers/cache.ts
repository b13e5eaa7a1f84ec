import { focusManager, QueryCache, QueryClient } from '@tanstack/react-query';
import { MlflowError } from '../mlflow/errors';
import type { ITrackingServers, QueryHooks } from './tokens';

/** Failures that a second try may mend by itself. */
const PASSING: ReadonlyArray<string> = [
  'unreachable',
  'starting',
  'rate-limited'
];

/** The one cache of everything that tracking servers tell. */
export function createQueryClient(hooks: QueryHooks): QueryClient {
  // Our own copy of TanStack's focus manager: nobody else's queries listen to it.
  hooks.presenceChanged.connect((_, present) => {
    focusManager.setFocused(present);
  });
  const client = new QueryClient({
    queryCache: new QueryCache({
      onError: (reason, query) => {
        hooks.onError(reason, query.queryKey);
      }
    }),
    defaultOptions: {
      queries: {
        staleTime: 1000,
        gcTime: 5 * 60 * 1000,
        // The browser's own notion of being online says nothing about a server on this machine.
        networkMode: 'always',
        retry: (failures, reason) =>
          failures < 2 &&
          reason instanceof MlflowError &&
          PASSING.includes(reason.kind),
        retryDelay: (failures, reason) =>
          (reason instanceof MlflowError
            ? reason.details.retryAfterMs
            : undefined) ?? 1000 * 2 ** failures,
        refetchOnWindowFocus: true
      },
      mutations: { networkMode: 'always' }
    }
  });
  client.mount();
  return client;
}

/** The cache of these servers, made when it is first wanted: JupyterLab starts without the library. */
export function queriesOf(servers: ITrackingServers): QueryClient {
  return servers.queryClient ?? servers.takeQueryClient(createQueryClient);
}
