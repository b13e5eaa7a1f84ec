import type { QueryKey } from '@tanstack/react-query';

/** Keys of everything about experiments in the shared cache. */
export const experimentKeys = {
  list: (serverId: string): QueryKey => [serverId, 'experiments']
};
