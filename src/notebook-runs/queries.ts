import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import type { OpenNotebook } from '../notebooks';
import { type RunQuery, type UsedListing, useRunListing } from '../runs';
import { clientOf, useServers } from '../servers';
import { useVisible } from '../ui/context';
import { useNotebookRuns } from './context';
import { filterOf, type NotebookKey } from './filter';
import { ExperimentFinder } from './finder';
import { NotebookListing } from './listing';
import type { RunsOf } from './model';

/** Another notebook may come to stand at a path: milliseconds after which its id is asked for again when it is shown. */
const ID_STALE_MS = 30_000;

/** A kernel that has begun to run a cell has not yet started a run: milliseconds to wait. */
const SETTLING_MS = 200;
/** Between two polls that the kernel's activity asks for, in milliseconds. */
const SPACING_MS = 1000;

/** What the runs of an open notebook are told by; undefined until Jupyter has said whether it knows the notebook. */
export function useNotebookKey(
  notebook: OpenNotebook
): NotebookKey | undefined {
  const { records } = useNotebookRuns();
  const visible = useVisible();
  const { path } = notebook;
  const { data, isPending } = useQuery({
    queryKey: ['notebooks', 'record', path],
    enabled: visible,
    staleTime: ID_STALE_MS,
    retry: false,
    queryFn: ({ signal }) => records.byPath(path, signal)
  });
  const id = data?.id;
  return useMemo(
    () =>
      id !== undefined
        ? { by: 'id', value: id }
        : isPending
          ? undefined
          : { by: 'path', value: path },
    [id, isPending, path]
  );
}

/** Where a notebook's runs were in earlier sessions; undefined until that is read. */
export function useKnownExperiments(
  of: RunsOf
): ReadonlyArray<string> | undefined {
  const { model } = useNotebookRuns();
  return useQuery({
    queryKey: ['notebooks', 'experiments', of.serverId, of.notebook.value],
    staleTime: Infinity,
    queryFn: () => model.restore(of)
  }).data;
}

/** The runs of a notebook, followed while the section is visible and somebody is there. */
export function useRunsOfNotebook(
  of: RunsOf,
  path: string,
  known: ReadonlyArray<string>
): UsedListing {
  const { serverId, notebook } = of;
  const { model, active, experimentOf } = useNotebookRuns();
  const servers = useServers();
  const query = useMemo<RunQuery>(
    () => ({
      experimentIds: [],
      filter: filterOf(notebook),
      order: null,
      viewType: 'ACTIVE_ONLY'
    }),
    [notebook]
  );
  const used = useRunListing(serverId, query, {
    make: () => {
      const client = clientOf(servers, serverId);
      return new NotebookListing({
        query,
        source: client.runs,
        finder: new ExperimentFinder(
          client,
          query.filter,
          () => active.activity,
          known
        ),
        hints: () => {
          const id = experimentOf(path, serverId);
          return id === null ? [] : [id];
        },
        onFound: ids => model.found(of, ids)
      });
    }
  });
  usePollOnActivity(serverId, used);
  return used;
}

/** When the kernel begins or ends something, its runs have changed: the next poll comes at once, wherever the server is. */
function usePollOnActivity(serverId: string, used: UsedListing): void {
  const { active } = useNotebookRuns();
  const servers = useServers();
  const visible = useVisible();
  const latest = useRef(used);
  latest.current = used;
  useEffect(() => {
    if (!visible) {
      return;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onActivity = (): void => {
      const rest = latest.current.answeredAt + SPACING_MS - Date.now();
      timer ??= setTimeout(
        () => {
          timer = undefined;
          // False while nobody is there, and while the server does not answer.
          if (servers.pollInterval(serverId, 0) !== false) {
            latest.current.poll();
          }
        },
        Math.max(rest, SETTLING_MS)
      );
    };
    active.activityChanged.connect(onActivity);
    return () => {
      clearTimeout(timer);
      active.activityChanged.disconnect(onActivity);
    };
  }, [active, servers, serverId, visible]);
}
