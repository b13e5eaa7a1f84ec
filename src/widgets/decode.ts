import * as v from 'valibot';
import type {
  Cell,
  Taken,
  ColumnKey,
  TableSnapshot,
  CardSnapshot,
  ChartLine,
  CompareRow,
  VersionRow,
  ModelRow,
  ModelSnapshot,
  TableContent,
  CardContent,
  ChartContent,
  CompareContent,
  ModelContent,
  StatusContent,
  WidgetContent
} from './content';
import type { WidgetKind } from './tokens';

/** Rows, columns and points of a snapshot that are drawn: the kernel writes fewer, but files come from anywhere. */
const MOST_ROWS = 1000;
const MOST_COLUMNS = 100;
const MOST_POINTS = 2500;
/** Characters of one text of a snapshot that are drawn. */
const MOST_TEXT = 2000;

const text = v.pipe(
  v.string(),
  v.transform(each =>
    each.length > MOST_TEXT ? `${each.slice(0, MOST_TEXT)}…` : each
  )
);
/** What goes back to a tracking server must not be cut: too long is no id. */
const id = v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/));
const runIds = v.pipe(v.array(id), v.maxLength(100));
const key = v.pipe(v.string(), v.maxLength(1000));
const time = v.nullable(v.pipe(v.number(), v.safeInteger()));
const number = v.pipe(
  v.union([v.number(), v.picklist(['NaN', 'Infinity', '-Infinity'])]),
  v.transform(Number)
);
const cell = v.nullable(v.union([v.number(), text]));

function most<T>(item: v.GenericSchema<unknown, T>, count: number) {
  return v.pipe(
    v.array(v.unknown()),
    v.transform(all => all.slice(0, count)),
    v.array(item)
  );
}

const base = {
  server_id: v.nullish(v.pipe(v.string(), v.maxLength(200)), null),
  note: v.nullish(text, null)
};

function snapshotOf<T extends object>(schema: v.GenericSchema<unknown, T>) {
  const taken = v.object({
    at: v.pipe(v.number(), v.safeInteger()),
    truncated: v.optional(v.boolean(), false)
  });
  return v.nullish(
    v.pipe(
      v.unknown(),
      v.rawTransform(({ dataset, addIssue, NEVER }): T & Taken => {
        const times = v.safeParse(taken, dataset.value);
        const data = v.safeParse(schema, dataset.value);
        if (!times.success || !data.success) {
          addIssue({ message: 'no snapshot' });
          return NEVER;
        }
        return { ...data.output, ...times.output };
      })
    ),
    null
  );
}

/** A metric's cell as a number, any other as text. */
function cellOf(kind: ColumnKey['kind'], value: Cell): Cell {
  return value === null
    ? null
    : kind === 'metrics'
      ? Number(value)
      : String(value);
}

const columnKey = v.object({
  kind: v.picklist(['metrics', 'params', 'tags']),
  key
});

const tableRow = v.pipe(
  v.tupleWithRest([id, text, text, text, time, time], cell),
  v.transform(([runId, experimentId, name, status, start, end, ...rest]) => ({
    id: runId,
    experimentId,
    name,
    status,
    startTime: start,
    endTime: end,
    values: rest
  }))
);

const tableSnapshot = v.pipe(
  v.object({
    columns: most(columnKey, MOST_COLUMNS),
    rows: most(tableRow, MOST_ROWS)
  }),
  v.transform(({ columns, rows }): TableSnapshot => ({
    columns,
    rows: rows.map(row => ({
      ...row,
      values: columns.map(({ kind }, at) =>
        cellOf(kind, row.values[at] ?? null)
      )
    }))
  }))
);

const pairs = most(v.tuple([text, text]), MOST_ROWS);

const cardSnapshot = v.pipe(
  v.object({
    name: text,
    status: text,
    lifecycle_stage: v.optional(text, 'active'),
    start_time: time,
    end_time: time,
    metrics: most(v.tuple([text, number]), MOST_ROWS),
    params: pairs,
    tags: pairs,
    artifacts: v.nullish(
      most(v.tuple([text, v.nullable(v.number())]), MOST_ROWS),
      null
    )
  }),
  v.transform(
    ({ lifecycle_stage, start_time, end_time, ...rest }): CardSnapshot => ({
      ...rest,
      lifecycleStage: lifecycle_stage,
      startTime: start_time,
      endTime: end_time
    })
  )
);

const chartSnapshot = v.object({
  lines: most(
    v.pipe(
      v.object({
        run_id: id,
        name: text,
        key: text,
        points: most(v.tuple([v.number(), v.number(), number]), MOST_POINTS)
      }),
      v.transform(({ run_id, ...rest }): ChartLine => ({
        runId: run_id,
        ...rest
      }))
    ),
    MOST_COLUMNS
  )
});

const compareSnapshot = v.object({
  runs: most(
    v.pipe(
      v.tuple([id, text, text]),
      v.transform(([runId, name, status]) => ({ id: runId, name, status }))
    ),
    MOST_COLUMNS
  ),
  rows: most(
    v.pipe(
      v.tuple([v.picklist(['metrics', 'params']), text, v.array(cell)]),
      v.transform(([kind, name, values]): CompareRow => ({
        kind,
        key: name,
        values: values.map(value => cellOf(kind, value))
      }))
    ),
    MOST_ROWS
  )
});

const version = v.pipe(v.union([v.string(), v.number()]), v.transform(String));

const fields = most(v.tuple([text, text, v.boolean()]), MOST_ROWS);

const modelSnapshot = v.pipe(
  v.object({
    signature: v.nullish(
      v.object({ inputs: fields, outputs: fields, params: fields }),
      null
    ),
    versions: v.optional(
      most(
        v.pipe(
          v.looseTuple([version, text, text, text, time]),
          v.transform(([number, aliases, status, runId, made]): VersionRow => ({
            version: number,
            aliases,
            status,
            runId,
            made
          }))
        ),
        MOST_ROWS
      )
    ),
    models: v.optional(
      most(
        v.pipe(
          v.looseTuple([text, version, text]),
          v.transform(([name, number, aliases]): ModelRow => ({
            name,
            version: number,
            aliases
          }))
        ),
        MOST_ROWS
      )
    )
  }),
  v.transform(({ signature, versions, models }): ModelSnapshot => ({
    signature,
    versions: versions ?? null,
    models: models ?? null
  }))
);

function orderOf(written: string | null): TableContent['order'] {
  const match = /^(.+) (ASC|DESC)$/.exec(written ?? '');
  return match && { by: match[1], descending: match[2] === 'DESC' };
}

const experimentIds = v.pipe(v.array(id), v.maxLength(1000));

const contents = {
  table: v.pipe(
    v.object({
      ...base,
      experiment_ids: experimentIds,
      filter: v.nullish(v.pipe(v.string(), v.maxLength(20_000)), ''),
      order_by: v.nullish(key, null),
      max_results: v.pipe(
        v.number(),
        v.integer(),
        v.minValue(1),
        v.maxValue(50_000)
      ),
      snapshot: snapshotOf(tableSnapshot)
    }),
    v.transform((each): TableContent => ({
      kind: 'table',
      serverId: each.server_id,
      note: each.note,
      snapshot: each.snapshot,
      experimentIds: each.experiment_ids,
      filter: each.filter,
      order: orderOf(each.order_by),
      maxResults: each.max_results
    }))
  ),
  card: v.pipe(
    v.object({
      ...base,
      run_id: v.nullish(id, null),
      experiment_id: v.nullish(text, null),
      snapshot: snapshotOf(cardSnapshot)
    }),
    v.transform((each): CardContent => ({
      kind: 'card',
      serverId: each.server_id,
      note: each.note,
      snapshot: each.snapshot,
      runId: each.run_id,
      experimentId: each.experiment_id
    }))
  ),
  chart: v.pipe(
    v.object({
      ...base,
      run_ids: runIds,
      keys: v.pipe(v.array(key), v.maxLength(20)),
      x: v.optional(v.picklist(['step', 'time', 'wall']), 'step'),
      smooth: v.optional(
        v.pipe(v.number(), v.minValue(0), v.maxValue(0.9999)),
        0
      ),
      log: v.optional(v.boolean(), false),
      snapshot: snapshotOf(chartSnapshot)
    }),
    v.transform((each): ChartContent => ({
      kind: 'chart',
      serverId: each.server_id,
      note: each.note,
      snapshot: each.snapshot,
      runIds: each.run_ids,
      keys: each.keys,
      x: each.x,
      smooth: each.smooth,
      log: each.log
    }))
  ),
  compare: v.pipe(
    v.object({
      ...base,
      run_ids: runIds,
      all: v.optional(v.boolean(), false),
      snapshot: snapshotOf(compareSnapshot)
    }),
    v.transform((each): CompareContent => ({
      kind: 'compare',
      serverId: each.server_id,
      note: each.note,
      snapshot: each.snapshot,
      runIds: each.run_ids,
      all: each.all
    }))
  ),
  model: v.pipe(
    v.object({
      ...base,
      name: v.nullish(key, null),
      snapshot: snapshotOf(modelSnapshot)
    }),
    v.transform((each): ModelContent => ({
      kind: 'model',
      serverId: each.server_id,
      note: each.note,
      snapshot: each.snapshot,
      name: each.name
    }))
  ),
  status: v.pipe(
    v.object({
      ...base,
      topic: v.optional(text, 'status'),
      snapshot: snapshotOf(v.object({ rows: pairs }))
    }),
    v.transform((each): StatusContent => ({
      kind: 'status',
      serverId: each.server_id,
      note: each.note,
      snapshot: each.snapshot,
      topic: each.topic
    }))
  )
} satisfies Record<WidgetKind, v.GenericSchema<unknown, WidgetContent>>;

/**
 * The content of an output, checked: it comes from a file, and so from anybody. Null for what is none; what is too large to
 * be the kernel's is cut.
 */
export function decodeContent(
  kind: WidgetKind,
  json: unknown
): WidgetContent | null {
  const result = v.safeParse(contents[kind], json);
  return result.success ? result.output : null;
}
