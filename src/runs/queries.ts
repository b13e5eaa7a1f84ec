import {
  type QueryClient,
  type QueryKey,
  useQuery,
  useQueryClient
} from '@tanstack/react-query';
import { useCallback, useRef } from 'react';
import { type Capabilities } from '../mlflow';
import { type ITrackingServers, useServers } from '../servers';
import { useVisible } from '../ui/context';
import { RunListing } from './listing';
import { type RunQuery } from './tokens';
import { clientOf } from '../servers';

/** What the shared cache holds of a listing: a handle, replaced at each answer; the rows are in its columns. */
interface ListingHandle {
  readonly listing: RunListing;
  /** Milliseconds since the epoch. */
  readonly answeredAt: number;
  /** How long the answer took, in milliseconds: sets the pace of polls. */
  readonly took: number;
}

/** Keys of listings of runs in the shared cache. */
export const runKeys = {
  all: (serverId: string): QueryKey => [serverId, 'runs'],
  list: (serverId: string, query: RunQuery): QueryKey => [
    serverId,
    'runs',
    query.experimentIds,
    query.filter,
    query.order === null
      ? ''
      : `${query.order.by} ${query.order.descending ? 'DESC' : 'ASC'}`,
    query.viewType
  ]
};

function isHandle(data: unknown): data is ListingHandle {
  return (
    typeof data === 'object' &&
    data !== null &&
    'listing' in data &&
    data.listing instanceof RunListing
  );
}

/** Every listing of a server that is in the cache. */
export function cachedListings(
  queryClient: QueryClient,
  serverId: string
): RunListing[] {
  return queryClient
    .getQueriesData({ queryKey: runKeys.all(serverId) })
    .flatMap(([, data]) => (isHandle(data) ? [data.listing] : []));
}

/** After a change of ours: what is shown about runs, in lists and on their pages, is asked for again, thoroughly. */
export async function invalidateRuns(
  queryClient: QueryClient,
  serverId: string
): Promise<void> {
  await Promise.all(
    [runKeys.all(serverId), [serverId, 'run']].map(queryKey =>
      queryClient.invalidateQueries({ queryKey })
    )
  );
}

async function answer(
  queryClient: QueryClient,
  servers: ITrackingServers,
  serverId: string,
  query: RunQuery,
  signal: AbortSignal,
  make: (() => RunListing) | undefined
): Promise<ListingHandle> {
  const key = runKeys.list(serverId, query);
  const listing =
    queryClient.getQueryData<ListingHandle>(key)?.listing ??
    make?.() ??
    new RunListing(query, clientOf(servers, serverId).runs);
  const start = performance.now();
  await listing.poll(
    signal,
    queryClient.getQueryState(key)?.isInvalidated ? 'all' : 'usual'
  );
  return { listing, answeredAt: Date.now(), took: performance.now() - start };
}

/** What the server can do; undefined until it has said so. */
export function useCapabilities(serverId: string): Capabilities | undefined {
  const servers = useServers();
  const visible = useVisible();
  return useQuery({
    queryKey: [serverId, 'capabilities'],
    enabled: visible,
    staleTime: Infinity,
    queryFn: ({ signal }) => clientOf(servers, serverId).capabilities(signal)
  }).data;
}

/** The name of an experiment; undefined until it is known. */
export function useExperimentName(
  serverId: string,
  experimentId: string
): string | undefined {
  const servers = useServers();
  const visible = useVisible();
  return useQuery({
    queryKey: [serverId, 'experiments', 'one', experimentId],
    enabled: visible,
    queryFn: ({ signal }) =>
      clientOf(servers, serverId).experiments.get(experimentId, signal)
  }).data?.name;
}

/** A listing as a view sees it. */
export interface UsedListing {
  /** The last listing that was read; while another query of the same experiment is on its way, the one before it. */
  readonly listing: RunListing | null;
  /** Whether `listing` is that of the query before. */
  readonly isPrevious: boolean;
  /** The last answer was an error; `listing` may still be there from before. */
  readonly error: Error | null;
  /** When the server last answered, in milliseconds since the epoch; 0 for never. */
  readonly answeredAt: number;
  /** Asks again, thoroughly. */
  readonly refresh: () => void;
  /** Asks now what a poll would ask in a while. */
  readonly poll: () => void;
}

/** The runs of a query, followed while the view is visible and somebody is there. */
export function useRunListing(
  serverId: string,
  query: RunQuery,
  options: {
    enabled?: boolean;
    /** Makes the listing where a plain one of the query would not do. */
    make?: () => RunListing;
  } = {}
): UsedListing {
  const { enabled = true, make } = options;
  const servers = useServers();
  const queryClient = useQueryClient();
  const visible = useVisible();
  const key = runKeys.list(serverId, query);
  const pace = useRef(0);
  const took = useRef(0);
  const result = useQuery<ListingHandle, Error, RunListing>({
    queryKey: key,
    enabled: enabled && visible,
    queryFn: async ({ signal }) => {
      const handle = await answer(
        queryClient,
        servers,
        serverId,
        query,
        signal,
        make
      );
      // One slow answer may be an accident, two are a slow server.
      pace.current = Math.min(took.current, handle.took);
      took.current = handle.took;
      return handle;
    },
    select: handle => handle.listing,
    structuralSharing: false,
    placeholderData: (previous, previousQuery) =>
      previous !== undefined &&
      previousQuery?.queryKey[0] === serverId &&
      String(previousQuery.queryKey[2]) === String(query.experimentIds)
        ? previous
        : undefined,
    refetchInterval: () => {
      const interval =
        visible && enabled
          ? servers.pollInterval(serverId, pace.current)
          : false;
      // The interval is from question to question; TanStack counts from the answer.
      return interval === false
        ? false
        : Math.max(interval / 2, interval - pace.current);
    }
  });
  const { refetch } = result;
  const refresh = useCallback(() => {
    void queryClient
      .invalidateQueries({ queryKey: [serverId, 'runs'], refetchType: 'none' })
      .then(() => refetch());
  }, [queryClient, refetch, serverId]);
  const poll = useCallback(() => {
    void refetch({ cancelRefetch: false });
  }, [refetch]);
  return {
    listing: result.data ?? null,
    isPrevious: result.isPlaceholderData,
    error: result.error,
    get answeredAt() {
      return queryClient.getQueryState(key)?.dataUpdatedAt ?? 0;
    },
    refresh,
    poll
  };
}
