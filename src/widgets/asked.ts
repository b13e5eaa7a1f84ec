import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import type { Run } from '../mlflow';
import { isRunning } from '../runs';
import { clientOf } from '../servers';
import { useVisible } from '../ui/context';
import type { Question } from './content';
import { isGone, KERNEL_TAG, RECOVERY_MS, REGISTRY_MS } from './queries';
import type { WidgetServices } from './services';

const NOTHING: ReadonlyArray<string> = [];
/** A number instead of a name is an id. */
const ID = /^\d{1,20}$/;

/**
 * Ids of the experiments of a question: its own, else those that its name or "all" stands for. Empty where there is none yet, and
 * undefined until the server has told.
 */
export function useExperimentIds(
  services: WidgetServices,
  serverId: string,
  question: Question | null
): { ids: ReadonlyArray<string> | undefined; error: Error | null } {
  const { servers } = services;
  const visible = useVisible();
  const name = question?.experimentName ?? null;
  const isKnown =
    question === null ||
    question.experimentIds.length > 0 ||
    (name === null && !question.isEverywhere);
  const { data, error } = useQuery<ReadonlyArray<string>>({
    queryKey: [serverId, 'experiments', 'output', name],
    enabled: visible && !isKnown,
    staleTime: REGISTRY_MS,
    queryFn: async ({ signal }) => {
      const { experiments } = clientOf(servers, serverId);
      if (name === null) {
        const { items } = await experiments.search({}, signal);
        return items.map(({ id }) => id);
      }
      try {
        return [(await experiments.getByName(name, signal)).id];
      } catch (reason) {
        if (reason instanceof Error && isGone(reason)) {
          return ID.test(name) ? [name] : [];
        }
        throw reason;
      }
    },
    refetchInterval: query => {
      const isThere = (query.state.data?.length ?? 0) > 0;
      const pace =
        visible && !isKnown && !(isThere && name !== null)
          ? servers.pollInterval(serverId, 0)
          : false;
      const least = isThere
        ? REGISTRY_MS
        : query.state.error !== null
          ? RECOVERY_MS
          : 0;
      return pace === false ? false : Math.max(pace, least);
    }
  });
  return {
    ids: isKnown ? (question?.experimentIds ?? NOTHING) : data,
    error: isKnown ? null : error
  };
}

/**
 * The runs that a question finds now, asked again and again: a run that is started later is among them. Undefined until the server
 * has told.
 */
export function useAsked(
  services: WidgetServices,
  serverId: string,
  question: Question | null,
  experimentIds: ReadonlyArray<string> | undefined
): { runs: ReadonlyArray<Run> | undefined; error: Error | null } {
  const { servers } = services;
  const visible = useVisible();
  const took = useRef(0);
  const { filter = '', order = null, maxResults = 1 } = question ?? {};
  const isAsking = question !== null && experimentIds !== undefined;
  const { data, error } = useQuery<ReadonlyArray<Run>>({
    queryKey: [
      serverId,
      'runs',
      'output',
      experimentIds ?? NOTHING,
      filter,
      order,
      maxResults
    ],
    enabled: visible && isAsking,
    staleTime: 1000,
    structuralSharing: false,
    queryFn: async ({ signal }) => {
      const start = performance.now();
      try {
        const { items } = await clientOf(servers, serverId).runs.search(
          {
            experimentIds: experimentIds ?? NOTHING,
            filter: filter || undefined,
            orderBy: [
              order === null
                ? 'attributes.start_time DESC'
                : `${order.by} ${order.descending ? 'DESC' : 'ASC'}`
            ],
            maxResults
          },
          signal
        );
        return items;
      } finally {
        took.current = performance.now() - start;
      }
    },
    refetchInterval: query => {
      const { data: runs, error: failure } = query.state;
      const pace =
        visible && isAsking
          ? servers.pollInterval(
              serverId,
              took.current,
              runs?.some(
                run =>
                  isRunning(run.info) &&
                  services.isOwnKernel(run.tags.get(KERNEL_TAG) ?? '')
              ) ?? false
            )
          : false;
      return failure !== null && pace !== false
        ? Math.max(pace, RECOVERY_MS)
        : pace;
    }
  });
  return { runs: isAsking ? data : undefined, error: isAsking ? error : null };
}
