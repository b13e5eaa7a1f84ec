import * as v from 'valibot';
import type {
  CardContent,
  ChartContent,
  CompareContent,
  ModelContent,
  Question,
  StatusContent,
  TableContent,
  WidgetContent
} from './content';
import {
  cardSnapshot,
  chartSnapshot,
  compareSnapshot,
  id,
  key,
  modelSnapshot,
  pairs,
  snapshotOf,
  tableSnapshot,
  text
} from './decode-snapshots';
import type { WidgetKind } from './tokens';

const runIds = v.pipe(v.array(id), v.maxLength(100));
const base = {
  server_id: v.nullish(v.pipe(v.string(), v.maxLength(200)), null),
  note: v.nullish(text, null)
};

function orderOf(written: string | null): Question['order'] {
  const match = /^(.+) (ASC|DESC)$/.exec(written ?? '');
  return match && { by: match[1], descending: match[2] === 'DESC' };
}

const asked = {
  experiment_ids: v.nullish(v.pipe(v.array(id), v.maxLength(1000)), []),
  experiment_name: v.nullish(v.pipe(v.string(), v.maxLength(5000)), null),
  all_experiments: v.nullish(v.boolean(), false),
  filter: v.nullish(v.pipe(v.string(), v.maxLength(20_000)), ''),
  order_by: v.nullish(key, null)
};

const maxResults = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(1),
  v.maxValue(50_000)
);

/** Of outputs that show few runs; those of before had none. */
const askedOfFew = { ...asked, max_results: v.nullish(maxResults, null) };

type Asked<T> = v.InferOutput<v.ObjectSchema<typeof asked, undefined>> & {
  readonly max_results: T;
};

function questionOf(each: Asked<number>): Question {
  return {
    experimentIds: each.experiment_ids,
    experimentName: each.experiment_name,
    isEverywhere: each.all_experiments,
    filter: each.filter,
    order: orderOf(each.order_by),
    maxResults: each.max_results
  };
}

/** Null where the runs are named, or were in a notebook of before. */
function questionOfFew(each: Asked<number | null>): Question | null {
  const { max_results } = each;
  const isAsked =
    each.experiment_ids.length > 0 ||
    each.experiment_name !== null ||
    each.all_experiments;
  return isAsked && max_results !== null
    ? questionOf({ ...each, max_results })
    : null;
}

const contents = {
  table: v.pipe(
    v.object({
      ...base,
      ...asked,
      max_results: maxResults,
      snapshot: snapshotOf(tableSnapshot)
    }),
    v.transform((each): TableContent => ({
      kind: 'table',
      serverId: each.server_id,
      note: each.note,
      snapshot: each.snapshot,
      ...questionOf(each)
    }))
  ),
  card: v.pipe(
    v.object({
      ...base,
      ...askedOfFew,
      run_id: v.nullish(id, null),
      experiment_id: v.nullish(text, null),
      snapshot: snapshotOf(cardSnapshot)
    }),
    v.transform((each): CardContent => ({
      kind: 'card',
      serverId: each.server_id,
      note: each.note,
      snapshot: each.snapshot,
      question: questionOfFew(each),
      runId: each.run_id,
      experimentId: each.experiment_id
    }))
  ),
  chart: v.pipe(
    v.object({
      ...base,
      ...askedOfFew,
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
      question: questionOfFew(each),
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
      ...askedOfFew,
      run_ids: runIds,
      all: v.optional(v.boolean(), false),
      snapshot: snapshotOf(compareSnapshot)
    }),
    v.transform((each): CompareContent => ({
      kind: 'compare',
      serverId: each.server_id,
      note: each.note,
      snapshot: each.snapshot,
      question: questionOfFew(each),
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
