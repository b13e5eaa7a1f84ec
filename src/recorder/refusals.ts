import type { Problem } from '../servers/tokens';
import type { Unsent } from './answers';

/** Executions that share a reason: it is told once, however many they are. */
export interface Refusals {
  readonly reason: Problem | null;
  readonly ids: ReadonlyArray<string>;
}

/** Each reason once, in the order in which it came up first. */
export function byReason(all: ReadonlyArray<Unsent>): Refusals[] {
  const found = new Map<string, { reason: Problem | null; ids: string[] }>();
  for (const { execution_id, reason } of all) {
    const key = JSON.stringify([reason?.code, reason?.message, reason?.hint]);
    const known = found.get(key);
    if (known) {
      known.ids.push(execution_id);
    } else {
      found.set(key, { reason, ids: [execution_id] });
    }
  }
  return [...found.values()];
}
