/** Who has a document open, as its awareness says it. */
export interface Awareness {
  readonly clientID: number;
  getStates(): ReadonlyMap<number, unknown>;
}

/** How long a page waits for each of those that come before it: to keep the same, and for the others to hear of it. */
export const TURN_MS = 10_000;

/**
 * How many pages come before this one when all of them are about to write the same into a shared document: two that replace one
 * output at the same moment leave both replacements in it. 0 where nobody else has it open.
 */
export function turnOf(awareness: Awareness): number {
  const { clientID } = awareness;
  return [...awareness.getStates()].filter(
    ([id, state]) => id < clientID && isPerson(state)
  ).length;
}

/** The server has a state, too, which names no user. */
function isPerson(state: unknown): boolean {
  return typeof state === 'object' && state !== null && 'user' in state;
}
