import type { ITrackingServers, TrackingServer } from '../../servers/tokens';

/** The run in MLflow's own page; null where the server has no page that a browser can open. */
export function ownPageUrl(
  server: TrackingServer | undefined,
  experimentId: string,
  runId: string
): string | null {
  if (!server?.page || !/^https?:\/\//i.test(server.page)) {
    return null;
  }
  return `${server.page.replace(/\/+$/, '')}/#/experiments/${encodeURIComponent(experimentId)}/runs/${encodeURIComponent(runId)}`;
}

/** Whether a server has a page of its own that a browser can open. */
export function hasOwnPage(
  servers: ITrackingServers,
  serverId: string
): boolean {
  const server = servers.servers.find(({ id }) => id === serverId);
  return ownPageUrl(server, '0', '0') !== null;
}
