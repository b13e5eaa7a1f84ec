import {
  useInfiniteQuery,
  useQuery,
  type UseQueryResult
} from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type {
  Experiment,
  LoggedModel,
  ModelVersion,
  Page,
  Run,
  RunInfo
} from '../../mlflow';
import { useServers } from '../../servers';
import { useCapabilities } from '../../servers/capabilities';
import { useVisible } from '../../ui/context';
import type { RunRef } from '../commands-tokens';
import { runPageKeys } from './keys';
import { shareRun } from './share';
import { clientOf } from '../../servers';

/** A run that has ended changes seldom: milliseconds between two looks at it. */
const ENDED_PACE_MS = 60_000;
/** Children are read in pages of so many: the server's time goes with rows × columns. */
const CHILDREN_PAGE = 25;

/** Whether more is to come of a run. A status that this release does not know is taken for an end. */
export function isRunning(info: RunInfo): boolean {
  return info.status === 'RUNNING' || info.status === 'SCHEDULED';
}

/** One run, followed closely while it runs. */
export function useRun(ref: RunRef): UseQueryResult<Run> {
  const { serverId, runId } = ref;
  const servers = useServers();
  const visible = useVisible();
  const lastAnswer = useRef(0);
  return useQuery({
    queryKey: runPageKeys.run(ref),
    enabled: visible,
    queryFn: async ({ signal }) => {
      const start = performance.now();
      try {
        return await clientOf(servers, serverId).runs.get(runId, signal);
      } finally {
        lastAnswer.current = performance.now() - start;
      }
    },
    structuralSharing: shareRun,
    refetchInterval: query => {
      const pace = servers.pollInterval(serverId, lastAnswer.current);
      if (pace === false || !visible) {
        return false;
      }
      const info = query.state.data?.info;
      return !info || isRunning(info) ? pace : Math.max(pace, ENDED_PACE_MS);
    }
  });
}

/** A run beside the page's own, such as its parent: read once. */
export function useOtherRun(
  serverId: string,
  runId: string | null
): UseQueryResult<Run> {
  const servers = useServers();
  const visible = useVisible();
  return useQuery({
    queryKey: runPageKeys.run({ serverId, runId: runId ?? '' }),
    enabled: visible && runId !== null,
    staleTime: ENDED_PACE_MS,
    queryFn: ({ signal }) =>
      clientOf(servers, serverId).runs.get(runId ?? '', signal),
    structuralSharing: shareRun
  });
}

export function useExperimentOf(
  serverId: string,
  experimentId: string
): UseQueryResult<Experiment> {
  const servers = useServers();
  const visible = useVisible();
  return useQuery({
    // As the list of experiments has it, so that a rename there is seen here.
    queryKey: [serverId, 'experiments', 'one', experimentId],
    enabled: visible,
    staleTime: ENDED_PACE_MS,
    queryFn: ({ signal }) =>
      clientOf(servers, serverId).experiments.get(experimentId, signal)
  });
}

/** The runs directly below a run, page by page. */
export function useChildren(ref: RunRef, run: Run) {
  const { serverId, runId } = ref;
  const servers = useServers();
  const visible = useVisible();
  const lastAnswer = useRef(0);
  const running = isRunning(run.info);
  return useInfiniteQuery({
    queryKey: runPageKeys.children(ref),
    enabled: visible,
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const start = performance.now();
      try {
        return await clientOf(servers, serverId).runs.search(
          {
            experimentIds: [run.info.experimentId],
            filter: `tags.\`mlflow.parentRunId\` = '${runId}'`,
            orderBy: ['attributes.start_time ASC'],
            maxResults: CHILDREN_PAGE,
            pageToken: pageParam
          },
          signal
        );
      } finally {
        lastAnswer.current = performance.now() - start;
      }
    },
    getNextPageParam: (page: Page<Run>) =>
      page.items.length < CHILDREN_PAGE
        ? undefined
        : (page.nextPageToken ?? undefined),
    refetchInterval: query => {
      const children = query.state.data?.pages.flatMap(page => page.items);
      const alive =
        running || children?.some(child => isRunning(child.info)) === true;
      const pages = query.state.data?.pages.length ?? 1;
      const pace = servers.pollInterval(serverId, lastAnswer.current);
      return alive && visible && pace !== false ? pace * pages : false;
    }
  });
}

/** The logged models of MLflow 3 whose source is the run; none where the server has no such thing. */
export function useLoggedModels(
  ref: RunRef,
  run: Run
): UseQueryResult<ReadonlyArray<LoggedModel>> {
  const { serverId, runId } = ref;
  const servers = useServers();
  const visible = useVisible();
  const can = useCapabilities(serverId)?.loggedModels === true;
  const query = useQuery({
    queryKey: runPageKeys.models(ref),
    enabled: visible && can,
    queryFn: async ({ signal }) => {
      const page = await clientOf(servers, serverId).loggedModels.search(
        {
          experimentIds: [run.info.experimentId],
          filter: `source_run_id = '${runId}'`
        },
        signal
      );
      return page.items;
    }
  });
  useRefetchOnChange(query.refetch, can && query.isFetched, run);
  return query;
}

/** Versions of registered models that were made from the run. */
export function useVersionsOf(
  ref: RunRef,
  run: Run
): UseQueryResult<ReadonlyArray<ModelVersion>> {
  const { serverId, runId } = ref;
  const servers = useServers();
  const visible = useVisible();
  const query = useQuery({
    queryKey: runPageKeys.versions(ref),
    enabled: visible,
    queryFn: async ({ signal }) => {
      const page = await clientOf(servers, serverId).registry.versions.search(
        { filter: `run_id = '${runId}'` },
        signal
      );
      return page.items;
    }
  });
  useRefetchOnChange(query.refetch, query.isFetched, run);
  return query;
}

/** Asks again when a run has ended or logged a model: what hangs on it is not polled. */
function useRefetchOnChange(
  refetch: () => unknown,
  isFetched: boolean,
  run: Run
): void {
  const state = `${run.info.status}/${run.modelOutputs.join()}`;
  const seen = useRef(state);
  useEffect(() => {
    if (seen.current !== state && isFetched) {
      seen.current = state;
      refetch();
    }
  }, [refetch, isFetched, state]);
}
