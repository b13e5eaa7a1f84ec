import type { RunColumns } from '../runs';
import type {
  ColumnKey,
  TableContent,
  TableRow,
  TableSnapshot
} from './content';
import type { TextTable } from './copy';

/** Keys of each kind that a table shows which the kernel had no columns for: as many as it takes itself. */
const KEYS_OF_EACH = 4;

/** What is loaded of a listing, as a snapshot keeps it. */
export function snapshotOf(
  runs: RunColumns,
  columns: ReadonlyArray<ColumnKey>,
  limit: number
): TableSnapshot {
  const { rows } = runs;
  return {
    columns,
    rows: Array.from(
      { length: Math.min(limit, runs.length) },
      (_, row): TableRow => {
        const slot = runs.slotAt(row);
        return {
          id: rows.id(slot),
          experimentId: rows.experimentId(slot),
          name: rows.name(slot),
          status: rows.status(slot),
          startTime: rows.startTime(slot),
          endTime: rows.endTime(slot),
          values: columns.map(
            ({ kind, key }) => rows[kind].get(key)?.get(slot) ?? null
          )
        };
      }
    )
  };
}

/** The columns of the kernel's snapshot, or those that it would take. */
export function keptColumns(
  content: TableContent,
  runs: RunColumns
): ReadonlyArray<ColumnKey> {
  if (content.snapshot && content.snapshot.columns.length > 0) {
    return content.snapshot.columns;
  }
  const first = (
    kind: 'metrics' | 'params',
    keys: ReadonlyArray<string>
  ): ColumnKey[] => keys.slice(0, KEYS_OF_EACH).map(key => ({ kind, key }));
  return [
    ...first(
      'metrics',
      runs.rows.metrics.keys.filter(key => !key.startsWith('system/'))
    ),
    ...first('params', runs.rows.params.keys)
  ];
}

function isOpen(status: string): boolean {
  return status === 'RUNNING' || status === 'SCHEDULED';
}

export function textsOf({ columns, rows }: TableSnapshot): TextTable {
  const time = (value: number | null): string =>
    value === null ? '' : new Date(value).toISOString();
  return {
    columns: [
      'run_id',
      'name',
      'status',
      'start_time',
      'end_time',
      ...columns.map(({ kind, key }) => `${kind}.${key}`)
    ],
    rows: rows.map(row => [
      row.id,
      row.name,
      row.status,
      time(row.startTime),
      time(row.endTime),
      ...row.values.map(value => (value === null ? '' : String(value)))
    ])
  };
}

/** Whether a run that was open in a snapshot is not any more. */
export function hasEnded(
  runs: RunColumns,
  count: number,
  statuses: ReadonlyMap<string, string>
): boolean {
  for (let row = 0; row < count; row++) {
    const slot = runs.slotAt(row);
    const before = statuses.get(runs.rows.id(slot));
    if (before !== undefined && isOpen(before) && !runs.rows.isOpen(slot)) {
      return true;
    }
  }
  return false;
}
