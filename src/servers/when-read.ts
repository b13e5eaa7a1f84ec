import type { ITrackingServers } from './tokens';

/** Settles when the list of servers, and with it what the administrator allows, has been read or could not be. Never rejects. */
export function whenRead(
  servers: Pick<ITrackingServers, 'activate' | 'changed' | 'isLoading'>
): Promise<void> {
  servers.activate();
  return new Promise(resolve => {
    const look = (): void => {
      if (!servers.isLoading) {
        servers.changed.disconnect(look);
        resolve();
      }
    };
    servers.changed.connect(look);
    look();
  });
}
