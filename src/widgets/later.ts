import { JSONExt, type ReadonlyPartialJSONValue } from '@lumino/coreutils';

/** Whether two contents differ in their snapshot and note alone: the same question, whoever wrote its keys in whatever order. */
export function isSameQuestion(one: unknown, other: unknown): boolean {
  return JSONExt.deepEqual(questionOf(one), questionOf(other));
}

/**
 * What an output shows whose kernel tells of it, too: pages keep later snapshots in the output, and the kernel never hears of them.
 * To draw the older one would be to keep the later one again, which another page would take for news.
 */
export function laterOf(kept: unknown, told: unknown): unknown {
  return isSameQuestion(anyTicks(kept), anyTicks(told)) &&
    keptAt(kept) > keptAt(told)
    ? kept
    : told;
}

function questionOf(json: unknown): ReadonlyPartialJSONValue {
  return (
    typeof json === 'object' && json !== null
      ? { ...json, snapshot: null, note: null }
      : (json ?? null)
  ) as ReadonlyPartialJSONValue;
}

/** The word for what is ticked belongs to the output alone. */
function anyTicks(json: unknown): unknown {
  return typeof json === 'object' && json !== null
    ? { ...json, selection: null }
    : json;
}

/** Milliseconds since the epoch; 0 without a snapshot. */
function keptAt(json: unknown): number {
  const { snapshot } = (json ?? {}) as {
    snapshot?: { at?: unknown } | null;
  };
  return typeof snapshot?.at === 'number' ? snapshot.at : 0;
}
