import * as v from 'valibot';
import type {
  CardSnapshot,
  Cell,
  ChartLine,
  ColumnKey,
  CompareRow,
  ModelRow,
  ModelSnapshot,
  TableSnapshot,
  Taken,
  VersionRow
} from './content';

/** Rows, columns and points of a snapshot that are drawn: the kernel writes fewer, but files come from anywhere. */
const MOST_ROWS = 1000;
const MOST_COLUMNS = 100;
const MOST_POINTS = 2500;
/** Characters of one text of a snapshot that are drawn. */
const MOST_TEXT = 2000;

export const text = v.pipe(
  v.string(),
  v.transform(each =>
    each.length > MOST_TEXT ? `${each.slice(0, MOST_TEXT)}…` : each
  )
);
/** What goes back to a tracking server must not be cut: too long is no id. */
export const id = v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/));
export const key = v.pipe(v.string(), v.maxLength(1000));
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

/** A snapshot with the time when it was taken; null for none. */
export function snapshotOf<T extends object>(
  schema: v.GenericSchema<unknown, T>
) {
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

export const tableSnapshot = v.pipe(
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

export const pairs = most(v.tuple([text, text]), MOST_ROWS);

export const cardSnapshot = v.pipe(
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

export const chartSnapshot = v.object({
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

export const compareSnapshot = v.object({
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

/** Of a field that notebooks of before do not have. */
function wordOf(value: unknown): string {
  return v.is(v.string(), value) ? v.parse(text, value) : '';
}

export const modelSnapshot = v.pipe(
  v.object({
    description: v.nullish(text, ''),
    signature: v.nullish(
      v.object({ inputs: fields, outputs: fields, params: fields }),
      null
    ),
    versions: v.optional(
      most(
        v.pipe(
          v.looseTuple([version, text, text, text, time]),
          v.transform(
            ([number, aliases, status, runId, made, stage]): VersionRow => ({
              version: number,
              aliases,
              status,
              runId,
              made,
              stage: wordOf(stage)
            })
          )
        ),
        MOST_ROWS
      )
    ),
    models: v.optional(
      most(
        v.pipe(
          v.looseTuple([text, version, text]),
          v.transform(([name, number, aliases, description]): ModelRow => ({
            name,
            version: number,
            aliases,
            description: wordOf(description)
          }))
        ),
        MOST_ROWS
      )
    )
  }),
  v.transform(
    ({ description, signature, versions, models }): ModelSnapshot => ({
      description,
      signature,
      versions: versions ?? null,
      models: models ?? null
    })
  )
);
