import {
  QueryClientProvider,
  useQuery,
  type QueryKey,
  type UseQueryResult
} from '@tanstack/react-query';
import {
  createContext,
  useContext,
  useEffect,
  useRef,
  type ReactNode
} from 'react';
// Every view stands in a `ServersProvider`: the styles of views come along, and JupyterLab starts without them.
import '../../style/views.css';
import { useVisible } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import { queriesOf } from './cache';
import type { Health, ITrackingServers, TrackingServer } from './tokens';

const Context = createContext<ITrackingServers | null>(null);

/** Gives its children the tracking servers and the shared query cache, and counts as a watcher while visible. */
export function ServersProvider(props: {
  servers: ITrackingServers;
  children?: ReactNode;
}): JSX.Element {
  const { servers } = props;
  const visible = useVisible();
  useEffect(() => {
    if (!visible) {
      return;
    }
    servers.activate();
    const watching = servers.watch();
    return () => {
      watching.dispose();
    };
  }, [servers, visible]);
  return (
    <Context.Provider value={servers}>
      <QueryClientProvider client={queriesOf(servers)}>
        {props.children}
      </QueryClientProvider>
    </Context.Provider>
  );
}

/**
 * The tracking servers of the surrounding `ServersProvider`.
 *
 * @throws Error outside of one.
 */
export function useServers(): ITrackingServers {
  const servers = useContext(Context);
  if (!servers) {
    throw new Error('useServers() needs a <ServersProvider> around it');
  }
  return servers;
}

export function useCurrentServer(): TrackingServer | null {
  const servers = useServers();
  return useSignalValue(servers.changed, () => servers.current);
}

export function useHealth(): Health {
  const servers = useServers();
  return useSignalValue(servers.changed, () => servers.health);
}

/**
 * A query that follows its server while the view is visible and somebody is there: asked again after eight times the
 * duration of its last answer, but not faster than the server allows.
 *
 * @param options.queryKey - begins with the server's id.
 */
export function useLiveQuery<T>(options: {
  serverId: string;
  queryKey: QueryKey;
  queryFn: (signal: AbortSignal) => Promise<T>;
  enabled?: boolean;
  /** False asks once and then only on invalidation. */
  live?: boolean;
}): UseQueryResult<T> {
  const servers = useServers();
  const visible = useVisible();
  const lastAnswer = useRef(0);
  return useQuery<T>({
    queryKey: options.queryKey,
    enabled: (options.enabled ?? true) && visible,
    queryFn: async ({ signal }) => {
      const start = performance.now();
      try {
        return await options.queryFn(signal);
      } finally {
        lastAnswer.current = performance.now() - start;
      }
    },
    refetchInterval:
      options.live === false || !visible
        ? false
        : () => servers.pollInterval(options.serverId, lastAnswer.current)
  });
}
