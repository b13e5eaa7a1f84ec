import { type ComponentType, lazy, type LazyExoticComponent } from 'react';
import type { ITrackingServers } from './tokens';

/**
 * A view that is imported when it is first drawn, with the tracking servers and their cache around it. JupyterLab starts without
 * the library of the cache, too; both are imported at the same time.
 */
export function lateView<P extends object>(
  servers: ITrackingServers,
  load: () => Promise<ComponentType<P>>
): LazyExoticComponent<(props: P) => JSX.Element> {
  return lazy(async () => {
    const [View, { ServersProvider }] = await Promise.all([
      load(),
      import('./context')
    ]);
    return {
      default: (props: P) => (
        <ServersProvider servers={servers}>
          <View {...props} />
        </ServersProvider>
      )
    };
  });
}
