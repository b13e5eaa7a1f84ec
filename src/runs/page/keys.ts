import type { QueryKey } from '@tanstack/react-query';
import type { RunRef } from '../commands-tokens';

/** Keys of what run pages read. */
export const runPageKeys = {
  run: ({ serverId, runId }: RunRef): QueryKey => [serverId, 'run', runId],
  children: ({ serverId, runId }: RunRef): QueryKey => [
    serverId,
    'run',
    runId,
    'children'
  ],
  models: ({ serverId, runId }: RunRef): QueryKey => [
    serverId,
    'run',
    runId,
    'models'
  ],
  versions: ({ serverId, runId }: RunRef): QueryKey => [
    serverId,
    'run',
    runId,
    'versions'
  ]
};
