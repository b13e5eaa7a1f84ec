import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { smoothed } from '../charts';
import { layersOf } from './bundle';
import type {
  CardContent,
  CardSnapshot,
  Cell,
  ChartContent,
  ChartLine,
  ColumnKey,
  CompareSnapshot,
  ModelContent,
  ModelSnapshot,
  Point,
  Signature,
  TableContent,
  TableSnapshot
} from './content';
import * as text from './plain';
import type { WidgetLayers } from './tokens';

/** Points of a line that a snapshot keeps. */
const POINTS = 60;

function cellText(kind: ColumnKey['kind'], value: Cell): string {
  return typeof value === 'number'
    ? text.number(value)
    : value === null
      ? ''
      : kind === 'metrics'
        ? text.number(Number(value))
        : value;
}

/**
 * The layers of a table of runs.
 *
 * @param json - the content as it is in the output: what it asks stays as it was written.
 * @param at - now, milliseconds since the epoch.
 */
export function tableLayers(
  json: ReadonlyPartialJSONObject,
  content: TableContent,
  { columns, rows }: TableSnapshot,
  at: number
): WidgetLayers {
  const fixed = ['name', 'status', 'started', 'took'];
  return layersOf(
    'table',
    json,
    {
      columns: columns.map(({ kind, key }) => ({ kind, key })),
      rows: rows.map(row => [
        row.id,
        row.experimentId,
        row.name,
        row.status,
        row.startTime,
        row.endTime,
        ...row.values
      ])
    },
    {
      columns: [...fixed, ...columns.map(({ key }) => key)],
      rows: rows.map(row => [
        row.name || row.id.slice(0, 8),
        row.status,
        text.moment(row.startTime),
        text.duration(
          row.startTime,
          row.endTime ?? (row.status === 'RUNNING' ? at : null)
        ),
        ...columns.map(({ kind }, i) => cellText(kind, row.values[i] ?? null))
      ]),
      right: columns.flatMap(({ kind }, i) =>
        kind === 'metrics' ? [i + fixed.length] : []
      ),
      caption:
        rows.length > 0
          ? `${rows.length} run${rows.length === 1 ? '' : 's'}`
          : '',
      note:
        rows.length > 0
          ? ''
          : content.filter
            ? 'No runs match.'
            : 'There are no runs.'
    },
    at
  );
}

/** The layers of one run. */
export function cardLayers(
  json: ReadonlyPartialJSONObject,
  content: CardContent,
  run: CardSnapshot,
  at: number
): WidgetLayers {
  // What the kernel said of a server that did not answer is no longer so; what it said of the run is.
  const said = content.snapshot === null ? '' : (content.note ?? '');
  const deleted =
    run.lifecycleStage === 'deleted' ? 'This run is deleted.' : '';
  const note = said.includes(deleted)
    ? said
    : [deleted, said].filter(Boolean).join(' ');
  return layersOf(
    'card',
    { ...json, run_id: content.runId },
    {
      name: run.name,
      status: run.status,
      lifecycle_stage: run.lifecycleStage,
      start_time: run.startTime,
      end_time: run.endTime,
      metrics: run.metrics.map(pair => [...pair]),
      params: run.params.map(pair => [...pair]),
      tags: run.tags.map(pair => [...pair]),
      artifacts: run.artifacts?.map(pair => [...pair]) ?? null
    },
    {
      columns: ['', ''],
      rows: [
        ['status', run.status],
        ['started', text.moment(run.startTime)],
        ['took', text.duration(run.startTime, run.endTime)],
        ...run.metrics.map(([key, value]) => [
          `metric ${key}`,
          text.number(value)
        ]),
        ...run.params.map(([key, value]) => [`param ${key}`, value]),
        ...run.tags.map(([key, value]) => [`tag ${key}`, value]),
        ...(run.artifacts ?? []).map(([path, bytes]) => [
          `artifact ${path}`,
          bytes === null ? 'folder' : text.size(bytes)
        ])
      ],
      caption: `${text.plain(run.name, 80)} (${content.runId ?? ''})`,
      note
    },
    at
  );
}

/** At most `count` of them, evenly, with the first and the last. */
export function sampled<T>(points: ReadonlyArray<T>, count: number): T[] {
  const step = (points.length - 1) / (count - 1);
  return points.length <= count
    ? [...points]
    : Array.from({ length: count }, (_, i) => points[text.roundEven(i * step)]);
}

/** The layers of the histories of metrics. */
export function chartLayers(
  json: ReadonlyPartialJSONObject,
  content: ChartContent,
  lines: ReadonlyArray<ChartLine>,
  at: number
): WidgetLayers {
  const ordered = lines.map(line => ({
    ...line,
    points: [...line.points].sort(
      (one: Point, other: Point) => one[0] - other[0] || one[1] - other[1]
    )
  }));
  return layersOf(
    'chart',
    json,
    {
      lines: ordered.map(({ runId, name, key, points }) => ({
        run_id: runId,
        name,
        key,
        points: sampled(points, POINTS).map(point => [...point])
      }))
    },
    {
      columns: ['run', 'metric', 'first', 'last', 'min', 'max', 'history'],
      rows: ordered.map(({ runId, name, key, points }) => {
        const values = points.map(([, , value]) => value);
        const drawn = smoothed(values, content.smooth);
        const finite = drawn.filter(Number.isFinite);
        const ends =
          finite.length > 0
            ? [
                values[0],
                values[values.length - 1],
                finite.reduce((a, b) => Math.min(a, b)),
                finite.reduce((a, b) => Math.max(a, b))
              ]
            : [null, null, null, null];
        return [
          name || runId.slice(0, 8),
          key,
          ...ends.map(text.number),
          text.sparkline(drawn)
        ];
      }),
      right: [2, 3, 4, 5],
      note: lines.length === 0 ? 'No runs match.' : ''
    },
    at
  );
}

/** The layers of runs side by side. */
export function compareLayers(
  json: ReadonlyPartialJSONObject,
  { runs, rows }: CompareSnapshot,
  at: number
): WidgetLayers {
  return layersOf(
    'compare',
    json,
    {
      runs: runs.map(({ id, name, status }) => [id, name, status]),
      rows: rows.map(({ kind, key, values }) => [kind, key, [...values]])
    },
    {
      columns: ['', ...runs.map(({ id, name }) => name || id.slice(0, 8))],
      rows: rows.map(({ kind, key, values }) => [
        `${kind === 'metrics' ? 'metric' : 'param'} ${key}`,
        ...values.map(value => cellText(kind, value))
      ]),
      note:
        rows.length > 0
          ? ''
          : runs.length === 0
            ? 'No runs match.'
            : 'These runs do not differ.'
    },
    at
  );
}

/** A signature as rows of part, name, type and whether it may be left out. */
export function signatureRows(signature: Signature): text.TextRow[] {
  return (['inputs', 'outputs', 'params'] as const).flatMap(part =>
    signature[part].map(([name, type, isNeeded]) => [
      part.slice(0, -1),
      name,
      type,
      isNeeded ? '' : 'optional'
    ])
  );
}

/** The layers of the registry, or of one model. */
export function modelLayers(
  json: ReadonlyPartialJSONObject,
  content: ModelContent,
  { description, signature, versions, models }: ModelSnapshot,
  at: number
): WidgetLayers {
  return versions !== null
    ? layersOf(
        'model',
        json,
        {
          description,
          signature: signature && {
            inputs: signature.inputs.map(field => [...field]),
            outputs: signature.outputs.map(field => [...field]),
            params: signature.params.map(field => [...field])
          },
          versions: versions.map(each => [
            each.version,
            each.aliases,
            each.status,
            each.runId,
            each.made,
            each.stage
          ])
        },
        {
          columns: ['version', 'aliases', 'stage', 'status', 'run', 'created'],
          rows: versions.map(each => [
            each.version,
            each.aliases,
            each.stage,
            each.status,
            each.runId.slice(0, 8),
            text.moment(each.made)
          ]),
          right: [0],
          caption:
            text.plain(content.name ?? '', 80) +
            (description ? `: ${text.plain(description)}` : ''),
          below: signature
            ? {
                title: `Signature of version ${versions[0]?.version ?? ''}`,
                columns: ['', 'name', 'type', ''],
                rows: signatureRows(signature)
              }
            : undefined
        },
        at
      )
    : layersOf(
        'model',
        json,
        {
          models: (models ?? []).map(each => [
            each.name,
            each.version,
            each.aliases,
            each.description
          ])
        },
        {
          columns: ['model', 'newest version', 'aliases', 'description'],
          rows: (models ?? []).map(each => [
            each.name,
            each.version,
            each.aliases,
            each.description
          ]),
          right: [1],
          note: models?.length ? '' : 'No models are registered.'
        },
        at
      );
}
