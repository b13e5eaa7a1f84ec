import { useQuery } from '@tanstack/react-query';
import type { Capabilities } from '../mlflow';
import { useVisible } from '../ui/context';
import { useServers } from './context';
import { clientOf } from './client';

/** What a server can do; undefined until it has said so. Asked once for each server. */
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
