import type { Entries, Metric, Run } from '../../mlflow';

function sameMetric(a: Metric, b: Metric): boolean {
  return (
    Object.is(a.value, b.value) &&
    a.step === b.step &&
    a.timestamp === b.timestamp
  );
}

function shareMap<V>(
  before: ReadonlyMap<string, V>,
  next: ReadonlyMap<string, V>,
  same: (a: V, b: V) => boolean
): ReadonlyMap<string, V> {
  if (before.size !== next.size) {
    return next;
  }
  const keys = before.keys();
  for (const [key, value] of next) {
    const old = before.get(key);
    // The order is part of what is shown.
    if (keys.next().value !== key || old === undefined || !same(old, value)) {
      return next;
    }
  }
  return before;
}

function sameText(a: string, b: string): boolean {
  return a === b;
}

function shareEntries(before: Entries, next: Entries): Entries {
  return shareMap(before, next, sameText);
}

/**
 * The next answer about a run, with everything that is as before taken from before, so that views of it need not be
 * drawn again. TanStack Query's own sharing knows no maps.
 */
export function shareRun(before: unknown, next: unknown): unknown {
  if (!isRun(before) || !isRun(next)) {
    return next;
  }
  const infoSame = JSON.stringify(before.info) === JSON.stringify(next.info);
  const shared: Run = {
    info: infoSame ? before.info : next.info,
    params: shareEntries(before.params, next.params),
    metrics: shareMap(before.metrics, next.metrics, sameMetric),
    tags: shareEntries(before.tags, next.tags),
    inputs: sameInputs(before, next) ? before.inputs : next.inputs,
    modelOutputs:
      before.modelOutputs.join() === next.modelOutputs.join()
        ? before.modelOutputs
        : next.modelOutputs
  };
  return Object.keys(shared).every(
    key => shared[key as keyof Run] === before[key as keyof Run]
  )
    ? before
    : shared;
}

function sameInputs(before: Run, next: Run): boolean {
  const text = (run: Run): string =>
    JSON.stringify(run.inputs.map(({ dataset, tags }) => [dataset, [...tags]]));
  return text(before) === text(next);
}

function isRun(value: unknown): value is Run {
  return typeof value === 'object' && value !== null && 'modelOutputs' in value;
}
