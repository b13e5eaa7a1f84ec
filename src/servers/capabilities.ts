import { useQuery } from '@tanstack/react-query';
import type { Capabilities } from '../mlflow';
import { useVisible } from '../ui/context';
import { useServers } from './context';

/** What a server can do; undefined until it has said so. Asked once for each server. */
export function useCapabilities(serverId: string): Capabilities | undefined {
  const servers = useServers();
  const visible = useVisible();
  return useQuery({
    queryKey: [serverId, 'capabilities'],
    enabled: visible,
    staleTime: Infinity,
    queryFn: ({ signal }) => servers.client(serverId).capabilities(signal)
  }).data;
}
