import type { IKernelEnvironments, IKernelWatch } from '../kernel/tokens';
import type { ITrackingServers } from '../servers/tokens';
import type { Wishes } from './wishes';

/** Shows in the panel where the active notebook logs, if the person wants that and the server is of the list. */
export function followActiveNotebook(
  environments: IKernelEnvironments,
  servers: ITrackingServers,
  wishes: Wishes
): void {
  let watch: IKernelWatch | null = null;
  /** Where it logged when it was looked at last: a choice in the panel stays until that is another place. */
  let seen: string | null = null;
  const look = (): void => {
    const { state, report, kernelId } = watch?.environment ?? {};
    const id = state === 'known' ? (report?.logs_to?.server_id ?? null) : null;
    if (!wishes.current.followActiveNotebook || id === null) {
      return;
    }
    servers.activate();
    const place = `${kernelId ?? ''} ${id}`;
    if (place !== seen && servers.servers.some(each => each.id === id)) {
      seen = place;
      if (servers.current?.id !== id) {
        servers.select(id);
      }
    }
  };
  const take = (): void => {
    watch?.changed.disconnect(look);
    watch = environments.current;
    watch?.changed.connect(look);
    look();
  };
  environments.currentChanged.connect(take);
  servers.changed.connect(look);
  wishes.changed.connect(() => {
    seen = null;
    look();
  });
  take();
}
