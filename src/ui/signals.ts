import type { ISignal } from '@lumino/signaling';
import { useCallback, useSyncExternalStore } from 'react';

/**
 * What `read` returns, re-rendered whenever `changed` emits; emissions between render and effect are not lost.
 *
 * @param read - must return the same object until it changes: models replace, they never mutate.
 */
export function useSignalValue<T>(
  changed: ISignal<unknown, unknown>,
  read: () => T
): T {
  const subscribe = useCallback(
    (notify: () => void) => {
      const slot = () => {
        notify();
      };
      changed.connect(slot);
      return () => {
        changed.disconnect(slot);
      };
    },
    [changed]
  );
  return useSyncExternalStore(subscribe, read);
}
