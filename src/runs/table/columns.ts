import type { TranslationBundle } from '@jupyterlab/translation';
import { printKey } from '../../mlflow/filter';
import {
  formatAbsolute,
  formatDuration,
  formatMetric,
  formatRelative,
  oneLine,
  type TimeFormat
} from '../../ui/format';
import { runStatusText } from '../../ui/status';
import { type RunTable } from '../store-rows';

export type ColumnKind = 'attribute' | 'metric' | 'param' | 'tag';

/** A column of the table of runs. */
export interface RunColumn {
  /** `attribute:start_time`, `metric:loss`, `param:lr`, `tag:team`. */
  readonly id: string;
  readonly kind: ColumnKind;
  readonly key: string;
  readonly label: string;
  /** What the server orders by, quoted; null where it cannot, and `unsortable` says why. */
  readonly orderBy: string | null;
  readonly unsortable?: string;
  readonly isNumber: boolean;
  /** Pixels at first. */
  readonly size: number;
}

/** Always there, at the left edge. */
export const NAME_COLUMN = 'attribute:run_name';

export function columnId(kind: ColumnKind, key: string): string {
  return `${kind}:${key}`;
}

/** The attributes that can be columns, in the order in which they stand. */
export function attributeColumns(
  trans: TranslationBundle
): ReadonlyArray<RunColumn> {
  const attribute = (
    key: string,
    label: string,
    orderBy: string | null,
    size: number,
    unsortable?: string
  ): RunColumn => ({
    id: columnId('attribute', key),
    kind: 'attribute',
    key,
    label,
    orderBy,
    unsortable,
    isNumber: key === 'duration',
    size
  });
  return [
    attribute('run_name', trans.__('Run'), 'attributes.run_name', 220),
    attribute('status', trans.__('Status'), 'attributes.status', 90),
    attribute('start_time', trans.__('Created'), 'attributes.start_time', 120),
    attribute('end_time', trans.__('Ended'), 'attributes.end_time', 120),
    attribute(
      'duration',
      trans.__('Duration'),
      null,
      100,
      trans.__(
        'MLflow cannot sort by duration. Sort by Created or Ended instead.'
      )
    ),
    attribute('user', trans.__('User'), 'tags.`mlflow.user`', 90),
    attribute('source', trans.__('Source'), 'tags.`mlflow.source.name`', 140),
    attribute('parent', trans.__('Parent'), 'tags.`mlflow.parentRunId`', 140),
    attribute(
      'run_id',
      trans.__('Run id'),
      null,
      250,
      trans.__('Run ids have no order that means anything.')
    )
  ];
}

const ENTITIES = { metric: 'metric', param: 'param', tag: 'tag' } as const;

/** The column of a key. A name that MLflow has no way to write is not sortable. */
export function keyColumn(
  kind: Exclude<ColumnKind, 'attribute'>,
  key: string,
  trans: TranslationBundle
): RunColumn {
  let orderBy: string | null = null;
  try {
    orderBy = printKey(ENTITIES[kind], key);
  } catch {
    // Says so below.
  }
  return {
    id: columnId(kind, key),
    kind,
    key,
    label: key,
    orderBy,
    unsortable:
      orderBy === null
        ? trans.__(
            'MLflow has no way to write this name, so it cannot sort by it.'
          )
        : undefined,
    isNumber: kind === 'metric',
    size: kind === 'metric' ? 110 : 130
  };
}

/** A column by its id; null for an id that is none. */
export function columnOf(
  id: string,
  attributes: ReadonlyArray<RunColumn>,
  trans: TranslationBundle
): RunColumn | null {
  const at = id.indexOf(':');
  const kind = id.slice(0, at);
  if (kind === 'metric' || kind === 'param' || kind === 'tag') {
    return keyColumn(kind, id.slice(at + 1), trans);
  }
  return attributes.find(column => column.id === id) ?? null;
}

/** What shows until somebody chooses: the attributes of daily use, and the first metrics and parameters. */
export function defaultColumns(
  rows: RunTable,
  limits: { readonly metrics: number; readonly params: number }
): ReadonlyArray<string> {
  return [
    ...['start_time', 'duration', 'user', 'source'].map(key =>
      columnId('attribute', key)
    ),
    ...rows.metrics.keys
      .slice(0, limits.metrics)
      .map(key => columnId('metric', key)),
    ...rows.params.keys
      .slice(0, limits.params)
      .map(key => columnId('param', key))
  ];
}

/** Tags that MLflow writes for itself and that a column shows in a better form. */
export function isReadableTag(key: string): boolean {
  return (
    !key.startsWith('mlflow.') ||
    key === 'mlflow.note.content' ||
    key.startsWith('mlflow.source.git')
  );
}

/** How cells are written. */
export interface CellStyle {
  readonly trans: TranslationBundle;
  readonly timeFormat: TimeFormat;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

function durationOf(rows: RunTable, slot: number, now: number): number | null {
  const start = rows.startTime(slot);
  const end = rows.endTime(slot) ?? (rows.isOpen(slot) ? now : null);
  return start === null || end === null ? null : Math.max(0, end - start);
}

/** The value of a cell in full, as it is copied and exported; empty where the run has none. */
export function cellValue(
  column: RunColumn,
  rows: RunTable,
  slot: number
): string {
  const time = (value: number | null): string =>
    value === null ? '' : new Date(value).toISOString();
  switch (column.kind) {
    case 'metric': {
      const value = rows.metrics.get(column.key)?.get(slot);
      return value === undefined ? '' : String(value);
    }
    case 'param':
      return rows.params.get(column.key)?.get(slot) ?? '';
    case 'tag':
      return rows.tags.get(column.key)?.get(slot) ?? '';
    case 'attribute':
      break;
  }
  switch (column.key) {
    case 'run_name':
      return rows.name(slot);
    case 'status':
      return rows.status(slot);
    case 'start_time':
      return time(rows.startTime(slot));
    case 'end_time':
      return time(rows.endTime(slot));
    case 'duration': {
      const duration = durationOf(rows, slot, Date.now());
      return duration === null ? '' : String(duration / 1000);
    }
    case 'user':
      return rows.user(slot);
    case 'source':
      return rows.source(slot);
    case 'parent':
      return rows.parentId(slot) ?? '';
    default:
      return rows.id(slot);
  }
}

/** The value of a cell as people read it. */
export function cellText(
  column: RunColumn,
  rows: RunTable,
  slot: number,
  style: CellStyle
): string {
  if (column.kind === 'metric') {
    const value = rows.metrics.get(column.key)?.get(slot);
    return value === undefined ? '' : formatMetric(value);
  }
  if (column.kind !== 'attribute') {
    return oneLine(cellValue(column, rows, slot));
  }
  const time = (value: number | null): string =>
    value === null
      ? ''
      : style.timeFormat === 'relative'
        ? formatRelative(value, style.now)
        : formatAbsolute(value);
  switch (column.key) {
    case 'status':
      return runStatusText(rows.status(slot), style.trans);
    case 'start_time':
      return time(rows.startTime(slot));
    case 'end_time':
      return time(rows.endTime(slot));
    case 'duration': {
      const duration = durationOf(rows, slot, style.now);
      return duration === null ? '' : formatDuration(duration);
    }
    case 'run_name':
      return oneLine(rows.name(slot)) || rows.id(slot);
    case 'source':
      // The file is what tells sources apart.
      return oneLine(rows.source(slot).split(/[\\/]/).at(-1) ?? '');
    default:
      return oneLine(cellValue(column, rows, slot));
  }
}

/** What a cell's tooltip tells beyond its text. */
export function cellTitle(
  column: RunColumn,
  rows: RunTable,
  slot: number
): string {
  if (
    column.id === columnId('attribute', 'start_time') ||
    column.id === columnId('attribute', 'end_time')
  ) {
    const time =
      column.key === 'start_time' ? rows.startTime(slot) : rows.endTime(slot);
    return time === null ? '' : formatAbsolute(time);
  }
  return column.key === 'duration' && column.kind === 'attribute'
    ? ''
    : cellValue(column, rows, slot);
}
