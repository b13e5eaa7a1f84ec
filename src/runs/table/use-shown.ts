import { useMemo } from 'react';
import { useTrans } from '../../ui/context';
import { useSignalValue } from '../../ui/signals';
import type { RunSettings } from '../settings';
import type { RunOrder } from '../shown-runs';
import {
  attributeColumns,
  columnOf,
  defaultColumns,
  NAME_COLUMN,
  type RunColumn
} from './columns';

/** The ids of the columns beside the name: chosen ones, or the default. */
export function useShownIds(
  runs: RunOrder,
  chosen: ReadonlyArray<string> | null,
  settings: RunSettings
): ReadonlyArray<string> {
  const limits = useSignalValue(settings.changed, () => settings.limits);
  // The first keys stay the first: more of them come, none goes.
  const keys = useSignalValue(runs.changed, () =>
    JSON.stringify([
      runs.rows.metrics.keys.slice(0, limits.metrics),
      runs.rows.params.keys.slice(0, limits.params)
    ])
  );
  return useMemo(
    () => chosen ?? defaultColumns(runs.rows, limits),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the keys stand for what the columns hold
    [chosen, runs, limits, keys]
  );
}

/** The columns of the table, the name first. */
export function useShownColumns(
  runs: RunOrder,
  chosen: ReadonlyArray<string> | null,
  settings: RunSettings
): ReadonlyArray<RunColumn> {
  const trans = useTrans();
  const ids = useShownIds(runs, chosen, settings);
  return useMemo(() => {
    const attributes = attributeColumns(trans);
    return [...new Set([NAME_COLUMN, ...ids])].flatMap(
      id => columnOf(id, attributes, trans) ?? []
    );
  }, [ids, trans]);
}
