import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  type QueryClient,
  type QueryKey,
  type UseQueryResult
} from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import type { Experiment, LifecycleStage, MlflowClient, Page } from '../mlflow';
import { useServers } from '../servers';
import { useVisible } from '../ui/context';
import { arrange, DEFAULT_SORT, filterOf, orderOf } from './arrangement';
import type { ExperimentsView } from './model';
import { clientOf } from '../servers';

/** Up to here a list is searched and sorted in the browser; longer ones by the server, page by page. */
export const PAGE_SIZE = 1000;

/** So many loaded experiments may be read again at the pace of the server; more of them that much more slowly. */
const LIVE_SIZE = 100;

/** Keys of everything about experiments in the shared cache. */
export const experimentKeys = {
  all: (serverId: string): QueryKey => [serverId, 'experiments'],
  list: (
    serverId: string,
    stage: LifecycleStage,
    order: string,
    filter: string
  ): QueryKey => [serverId, 'experiments', 'list', stage, order, filter],
  one: (serverId: string, experimentId: string): QueryKey => [
    serverId,
    'experiments',
    'one',
    experimentId
  ]
};

/** After a change: whatever is shown about experiments is read again. */
export function invalidateExperiments(
  queryClient: QueryClient,
  serverId: string
): Promise<void> {
  return queryClient.invalidateQueries({
    queryKey: experimentKeys.all(serverId)
  });
}

interface ListRequest {
  readonly stage: LifecycleStage;
  readonly order: string;
  readonly filter: string;
}

function usePages(serverId: string, request: ListRequest, enabled: boolean) {
  const servers = useServers();
  const visible = useVisible();
  const client: MlflowClient = clientOf(servers, serverId);
  const lastAnswer = useRef(0);
  const { stage, order, filter } = request;
  return useInfiniteQuery({
    queryKey: experimentKeys.list(serverId, stage, order, filter),
    enabled: enabled && visible,
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const start = performance.now();
      try {
        return await client.experiments.search(
          {
            viewType: stage === 'deleted' ? 'DELETED_ONLY' : 'ACTIVE_ONLY',
            orderBy: [order],
            filter: filter || undefined,
            maxResults: PAGE_SIZE,
            pageToken: pageParam
          },
          signal
        );
      } finally {
        lastAnswer.current = performance.now() - start;
      }
    },
    // MLflow 2.3 gives a token after a last page that is exactly full, too: then the next page is empty.
    getNextPageParam: (page: Page<Experiment>) =>
      page.items.length === 0 ? undefined : (page.nextPageToken ?? undefined),
    placeholderData: keepPreviousData,
    refetchInterval: query => {
      const pages = query.state.data?.pages ?? [];
      const loaded = pages.reduce((sum, page) => sum + page.items.length, 0);
      const pace = servers.pollInterval(serverId, lastAnswer.current);
      return pace === false || !visible || !enabled
        ? false
        : pace * Math.max(1, loaded / LIVE_SIZE);
    }
  });
}

/** The experiments of one server as the section lists them. */
export interface ExperimentList {
  /** In order, filtered; as far as they are loaded. */
  readonly experiments: ReadonlyArray<Experiment>;
  /** Whether there is any experiment at all, whatever is searched for. */
  readonly hasAny: boolean;
  readonly isPending: boolean;
  readonly isFetching: boolean;
  readonly error: Error | null;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
  readonly refetch: () => void;
}

/**
 * The experiments that a view shows: all at once where one page holds them, searched and sorted here; else searched and
 * sorted by the server and read page by page as somebody scrolls.
 */
export function useExperimentList(
  serverId: string,
  view: ExperimentsView
): ExperimentList {
  const { stage, search, sort } = view;
  const visible = useVisible();
  const plain = { stage, order: orderOf(DEFAULT_SORT), filter: '' };
  const base = usePages(serverId, plain, true);
  const isLong = base.data !== undefined && base.hasNextPage;
  const wanted = isLong
    ? { stage, order: orderOf(sort), filter: filterOf(search) }
    : plain;
  const pages = usePages(serverId, wanted, isLong);
  const shown = isLong ? pages : base;

  const data = shown.data;
  const experiments = useMemo(() => {
    const seen = new Map<string, Experiment>();
    // Pages are offsets: one that moved while they were read stands in two of them.
    for (const page of data?.pages ?? []) {
      for (const one of page.items) {
        seen.set(one.id, one);
      }
    }
    return arrange([...seen.values()], search, sort);
  }, [data, search, sort]);

  const { hasNextPage, isFetching, fetchNextPage } = shown;
  // The server's filter lets too much through, so a page may hold nothing to show: the next one may.
  const looksFurther = experiments.length === 0 && hasNextPage;
  useEffect(() => {
    if (looksFurther && !isFetching && visible) {
      void fetchNextPage();
    }
  }, [looksFurther, isFetching, fetchNextPage, visible]);

  return {
    experiments,
    hasAny: (base.data?.pages[0]?.items.length ?? 0) > 0,
    isPending: shown.isPending || base.isPlaceholderData || looksFurther,
    isFetching: shown.isFetching,
    error: shown.error,
    hasMore: shown.hasNextPage,
    loadMore: () => {
      if (shown.hasNextPage && !shown.isFetching) {
        void shown.fetchNextPage();
      }
    },
    refetch: () => {
      void shown.refetch();
    }
  };
}

/** One experiment, deleted ones too. Asked once, and again after a change of ours. */
export function useExperiment(
  serverId: string,
  experimentId: string | null
): UseQueryResult<Experiment> {
  const servers = useServers();
  const visible = useVisible();
  return useQuery({
    queryKey: experimentKeys.one(serverId, experimentId ?? ''),
    enabled: visible && experimentId !== null,
    queryFn: ({ signal }) =>
      clientOf(servers, serverId).experiments.get(experimentId ?? '', signal)
  });
}
