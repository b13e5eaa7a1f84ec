import type { IStateDB } from '@jupyterlab/statedb';
import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';

/** What a view remembers of one experiment between sessions. */
export interface RunMemory {
  /** Whatever was saved last; the reader checks it. Undefined for nothing, and where it cannot be read. */
  fetch(view: string, serverId: string, experimentId: string): Promise<unknown>;
  save(
    view: string,
    serverId: string,
    experimentId: string,
    value: ReadonlyPartialJSONValue
  ): void;
}

/** Remembers in JupyterLab's state database; without one nothing is remembered. */
export function memoryOf(state: IStateDB | null): RunMemory {
  const key = (view: string, serverId: string, experimentId: string): string =>
    `jupyter-mlflow:${view}:${serverId}:${experimentId}`;
  return {
    fetch: async (view, serverId, experimentId) => {
      try {
        return await state?.fetch(key(view, serverId, experimentId));
      } catch {
        return undefined;
      }
    },
    save: (view, serverId, experimentId, value) => {
      state
        ?.save(key(view, serverId, experimentId), value)
        .catch(() => undefined); // Forgetting is no failure worth a message.
    }
  };
}

/** The texts of a saved list; null if it is none. */
export function savedTexts(saved: unknown): ReadonlyArray<string> | null {
  return Array.isArray(saved)
    ? saved.filter((one): one is string => typeof one === 'string')
    : null;
}

/** A field of a saved object; undefined where there is none. */
export function savedField(saved: unknown, name: string): unknown {
  return typeof saved === 'object' && saved !== null && !Array.isArray(saved)
    ? Object.entries(saved).find(([key]) => key === name)?.[1]
    : undefined;
}
