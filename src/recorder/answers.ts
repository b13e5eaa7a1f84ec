import * as v from 'valibot';
import { problemSchema } from '../servers/request';

/** Which executions go to MLflow: none, those that started runs, those of tagged cells, or every one. */
export const SENDS = ['nothing', 'runs', 'tagged', 'all'] as const;

/** The cell tag that `send: "tagged"` looks for. */
export const CELL_TAG = 'mlflow-record';

const maybe = <T>(schema: v.GenericSchema<unknown, T>) =>
  v.optional(v.nullable(schema), null);

const target = v.pipe(
  v.object({ server_id: v.string(), experiment: v.string() }),
  v.readonly()
);

const session = v.object({
  kernel_id: v.string(),
  since: v.number(),
  keep: v.boolean(),
  send: v.picklist(SENDS),
  target: maybe(target),
  state: v.picklist(['on', 'paused']),
  capture: v.picklist(['full', 'witness', 'partial'])
});

/** What is recorded of one notebook, for this person. */
export const recordingSchema = v.pipe(
  v.object({
    path: v.string(),
    notebook_id: maybe(v.string()),
    keep: v.boolean(),
    send: v.picklist(SENDS),
    target: maybe(target),
    paused: v.boolean(),
    rule: v.picklist(['notebook', 'folder', 'personal', 'none']),
    rule_path: maybe(v.string()),
    by: maybe(v.string()),
    sessions: v.array(session),
    proposed_target: maybe(target),
    offered: v.boolean(),
    waiting: v.number(),
    refused: v.number(),
    problems: v.optional(v.array(problemSchema), []),
    allowed: v.object({
      keep: v.boolean(),
      send: v.array(v.picklist(SENDS)),
      redact_at_capture: v.boolean(),
      retention: v.object({ days: v.number(), bytes: v.number() }),
      runs_per_day: maybe(v.number())
    })
  }),
  v.readonly()
);

export const OUTCOMES = [
  'running',
  'ok',
  'error',
  'interrupted',
  'killed',
  'unknown'
] as const;

/** One execution of a cell, as it ran. Times are seconds since the epoch. */
export const executionSchema = v.pipe(
  v.object({
    id: v.string(),
    kernel_id: v.string(),
    process: maybe(v.string()),
    notebook_id: maybe(v.string()),
    path: maybe(v.string()),
    language: maybe(v.string()),
    status: v.picklist(OUTCOMES),
    started: maybe(v.number()),
    ended: maybe(v.number()),
    seconds: maybe(v.number()),
    execution_count: maybe(v.number()),
    cell_id: maybe(v.string()),
    source: maybe(v.string()),
    source_sha256: maybe(v.string()),
    error: maybe(v.object({ name: v.string(), message: v.string() })),
    runs: v.array(v.string()),
    run_uris: v.optional(v.record(v.string(), v.string()), {}),
    capture: v.picklist(['full', 'witness', 'journal', 'partial']),
    output_bytes: v.number(),
    cut_bytes: v.number(),
    keep: v.boolean(),
    send: v.picklist(SENDS),
    target: maybe(target),
    sending: maybe(v.string()),
    sent_run: maybe(v.string())
  }),
  v.readonly()
);

export const executionsSchema = v.object({
  executions: v.array(executionSchema),
  next: maybe(v.string())
});

export const outputsSchema = v.object({
  outputs: v.array(v.looseObject({ output_type: v.string() })),
  cut_bytes: v.number()
});

const rule = v.object({
  keep: v.boolean(),
  send: v.picklist(SENDS),
  target: maybe(target),
  by: maybe(v.string())
});

/** All answers of a person to the two questions, and how much history is kept. */
export const rulesSchema = v.object({
  personal: maybe(rule),
  folders: v.record(v.string(), rule),
  notebooks: v.array(
    v.object({ ...rule.entries, id: v.string(), path: maybe(v.string()) })
  ),
  retention: v.object({ days: v.number(), bytes: v.number() })
});

/** What of the person's preferences the recorder needs. */
export const wordsSchema = v.object({ secret_words: v.array(v.string()) });

const unsent = v.object({
  execution_id: v.string(),
  reason: maybe(problemSchema),
  attempts: v.number(),
  since: maybe(v.number())
});

/** What waits and why, what was refused, and whose artifacts are still on this machine. */
export const sendingSchema = v.object({
  waiting: v.number(),
  reason: maybe(problemSchema),
  refused: v.array(unsent),
  files: v.optional(v.array(unsent), [])
});

export type Send = (typeof SENDS)[number];
export type Outcome = (typeof OUTCOMES)[number];
export type Target = v.InferOutput<typeof target>;
export type Recording = v.InferOutput<typeof recordingSchema>;
export type Allowed = Recording['allowed'];
export type Rules = v.InferOutput<typeof rulesSchema>;
export type Execution = v.InferOutput<typeof executionSchema>;
export type Outputs = v.InferOutput<typeof outputsSchema>;
export type Unsent = v.InferOutput<typeof unsent>;
export type Sending = v.InferOutput<typeof sendingSchema>;
