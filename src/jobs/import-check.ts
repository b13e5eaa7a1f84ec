import * as v from 'valibot';
import { type ImportCheck, importCheckSchema } from '../kernel/report';
import type { JobsApi } from './api';
import { JobFollower } from './follower';

/** The result of a job `check-imports`; null for what is none. */
export function readImportCheck(value: unknown): ImportCheck | null {
  const read = v.safeParse(importCheckSchema, value);
  return read.success ? read.output : null;
}

/** Tries an import, which takes seconds; null where it cannot be tried, such as with jobs turned off. Never rejects. */
export async function tryImport(
  api: JobsApi,
  kernelId: string,
  module: string
): Promise<ImportCheck | null> {
  // eslint-disable-next-line jupyter/require-disposable-ownership -- disposed when the job has ended
  const follower = new JobFollower(api);
  try {
    await follower.begin({
      kind: 'check-imports',
      kernel_id: kernelId,
      module
    });
    await ended(follower);
    return readImportCheck(follower.progress.result);
  } catch {
    return null;
  } finally {
    follower.dispose();
  }
}

function ended(follower: JobFollower): Promise<void> {
  return new Promise(resolve => {
    const look = (): void => {
      if (follower.progress.phase !== 'running') {
        follower.changed.disconnect(look);
        watching.dispose();
        resolve();
      }
    };
    follower.changed.connect(look);
    const watching = follower.watch();
    look();
  });
}
