import { QueryCache, QueryClient, type QueryKey } from '@tanstack/react-query';
import { MlflowError } from '../mlflow/errors';

/** Failures that a second try may mend by itself. */
const PASSING: ReadonlyArray<string> = [
  'unreachable',
  'starting',
  'rate-limited'
];

/**
 * The one cache of everything that tracking servers tell.
 *
 * @param onError - told of every failed query.
 */
export function createQueryClient(
  onError: (reason: unknown, key: QueryKey) => void
): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (reason, query) => {
        onError(reason, query.queryKey);
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
}
