import {
  type DatasetInput,
  type Int,
  type Metric,
  type Page,
  type Run,
  type RunInfo
} from './entities';
import { MlflowError } from './errors';
import { intOf, lifecycleOf, metricValueOf } from './scalars';
import { datasetInput, decoder } from './schemas';

/**
 * Receives the runs of an answer, value by value, so that a columnar store fills without a Run for each row.
 * Calls come in this order: `begin`, then for each run `run`, its `param`, `metric`, `tag`, `input` and `modelOutput`s, `runEnd`;
 * `end` last. A malformed answer throws in between: a sink commits in `end`.
 */
export interface IRunSink {
  /** @param count How many runs follow. */
  begin(count: number): void;
  run(info: RunInfo): void;
  param(key: string, value: string): void;
  /** The latest point of a metric; `value` may be NaN or ±Infinity, `timestamp` is in milliseconds. */
  metric(key: string, value: number, timestamp: Int, step: Int): void;
  tag(key: string, value: string): void;
  input?(input: DatasetInput): void;
  modelOutput?(modelId: string): void;
  runEnd?(): void;
  /** @param nextPageToken null after the last page. */
  end(nextPageToken: string | null): void;
}

type Fields = Readonly<Record<string, unknown>>;

const decodeInput = decoder(datasetInput);

function wrong(where: string, field: string, expected: string): MlflowError {
  return new MlflowError(
    'malformed',
    `The answer to ${where} is not as MLflow writes it: "${field}" should be ${expected}.`
  );
}

/** Reads one answer. Remembers where it is, so that an error can name the field; that costs nothing while all is well. */
class Reader {
  constructor(
    private readonly _where: string,
    private _path = ''
  ) {}

  at(path: string): void {
    this._path = path;
  }

  fields(value: unknown, name: string): Fields | null {
    if (value === undefined || value === null) {
      return null;
    }
    if (typeof value !== 'object' || Array.isArray(value)) {
      throw this.wrong(name, 'an object');
    }
    return value as Fields;
  }

  list(value: unknown, name: string): ReadonlyArray<unknown> {
    if (value === undefined || value === null) {
      return [];
    }
    if (!Array.isArray(value)) {
      throw this.wrong(name, 'a list');
    }
    return value;
  }

  text(value: unknown, name: string): string {
    if (typeof value === 'string') {
      return value;
    }
    if (value === undefined || value === null) {
      return '';
    }
    throw this.wrong(name, 'text');
  }

  id(value: unknown, name: string): string {
    return typeof value === 'number' || typeof value === 'bigint'
      ? String(value)
      : this.text(value, name);
  }

  int(value: unknown, name: string): Int {
    if (value === undefined || value === null) {
      return 0;
    }
    const int = intOf(value);
    if (int === null) {
      throw this.wrong(name, 'an integer');
    }
    return int;
  }

  time(value: unknown, name: string): number | null {
    return value === undefined || value === null
      ? null
      : Number(this.int(value, name));
  }

  metricValue(value: unknown, name: string): number {
    if (value === undefined || value === null) {
      return NaN;
    }
    const number = metricValueOf(value);
    if (number === null) {
      throw this.wrong(name, 'a number');
    }
    return number;
  }

  required(value: unknown, name: string): string {
    if (typeof value !== 'string') {
      throw this.wrong(name, 'text');
    }
    return value;
  }

  wrong(name: string, expected: string): MlflowError {
    return wrong(
      this._where,
      this._path === '' ? name : `${this._path}.${name}`,
      expected
    );
  }
}

function readInfo(reader: Reader, info: Fields): RunInfo {
  const id =
    reader.text(info.run_id, 'info.run_id') ||
    reader.text(info.run_uuid, 'info.run_uuid');
  if (id === '') {
    reader.required(undefined, 'info.run_id');
  }
  return {
    id,
    name: reader.text(info.run_name, 'info.run_name'),
    experimentId: reader.id(info.experiment_id, 'info.experiment_id'),
    userId: reader.text(info.user_id, 'info.user_id'),
    status: reader.text(info.status, 'info.status'),
    startTime: reader.time(info.start_time, 'info.start_time'),
    endTime: reader.time(info.end_time, 'info.end_time'),
    artifactUri: reader.text(info.artifact_uri, 'info.artifact_uri'),
    lifecycleStage: lifecycleOf(
      reader.text(info.lifecycle_stage, 'info.lifecycle_stage')
    )
  };
}

/** Gives one run of an answer to a sink. */
function readRun(
  reader: Reader,
  where: string,
  run: Fields,
  sink: IRunSink
): void {
  const info = reader.fields(run.info, 'info');
  if (info === null) {
    throw reader.wrong('info', 'an object');
  }
  sink.run(readInfo(reader, info));
  const data = reader.fields(run.data, 'data');
  if (data !== null) {
    for (const one of reader.list(data.params, 'data.params')) {
      const param = reader.fields(one, 'data.params') ?? {};
      sink.param(
        reader.required(param.key, 'data.params.key'),
        reader.text(param.value, 'data.params.value')
      );
    }
    for (const one of reader.list(data.metrics, 'data.metrics')) {
      const metric = reader.fields(one, 'data.metrics') ?? {};
      sink.metric(
        reader.required(metric.key, 'data.metrics.key'),
        reader.metricValue(metric.value, 'data.metrics.value'),
        reader.int(metric.timestamp, 'data.metrics.timestamp'),
        reader.int(metric.step, 'data.metrics.step')
      );
    }
    for (const one of reader.list(data.tags, 'data.tags')) {
      const tag = reader.fields(one, 'data.tags') ?? {};
      sink.tag(
        reader.required(tag.key, 'data.tags.key'),
        reader.text(tag.value, 'data.tags.value')
      );
    }
  }
  if (sink.input !== undefined) {
    const inputs = reader.fields(run.inputs, 'inputs');
    for (const one of reader.list(
      inputs?.dataset_inputs,
      'inputs.dataset_inputs'
    )) {
      sink.input(decodeInput(one, where));
    }
  }
  if (sink.modelOutput !== undefined) {
    const outputs = reader.fields(run.outputs, 'outputs');
    for (const one of reader.list(
      outputs?.model_outputs,
      'outputs.model_outputs'
    )) {
      const output = reader.fields(one, 'outputs.model_outputs') ?? {};
      sink.modelOutput(
        reader.required(output.model_id, 'outputs.model_outputs.model_id')
      );
    }
  }
  sink.runEnd?.();
}

/**
 * Decodes an answer of `runs/search` into a sink.
 *
 * @throws MlflowError `malformed`, naming the field.
 */
export function decodeRunsInto(
  sink: IRunSink,
  json: unknown,
  where: string
): void {
  const reader = new Reader(where);
  const answer = reader.fields(json, 'the answer itself');
  if (answer === null) {
    throw wrong(where, 'the answer itself', 'an object');
  }
  const runs = reader.list(answer.runs, 'runs');
  const token = reader.text(answer.next_page_token, 'next_page_token');
  sink.begin(runs.length);
  for (let i = 0; i < runs.length; i++) {
    reader.at(`runs.${i}`);
    readRun(reader, where, reader.fields(runs[i], 'run') ?? {}, sink);
  }
  sink.end(token === '' ? null : token);
}

/** The sink that makes Run objects. */
class RunCollector implements IRunSink {
  readonly runs: Run[] = [];
  nextPageToken: string | null = null;

  begin(): void {
    // Nothing to prepare: runs grow as they come.
  }

  run(info: RunInfo): void {
    this._info = info;
    this._params = new Map();
    this._metrics = new Map();
    this._tags = new Map();
    this._inputs = [];
    this._modelOutputs = [];
  }

  param(key: string, value: string): void {
    this._params.set(key, value);
  }

  metric(key: string, value: number, timestamp: Int, step: Int): void {
    this._metrics.set(key, { key, value, timestamp, step });
  }

  tag(key: string, value: string): void {
    this._tags.set(key, value);
  }

  input(input: DatasetInput): void {
    this._inputs.push(input);
  }

  modelOutput(modelId: string): void {
    this._modelOutputs.push(modelId);
  }

  runEnd(): void {
    if (this._info !== null) {
      this.runs.push({
        info: this._info,
        params: this._params,
        metrics: this._metrics,
        tags: this._tags,
        inputs: this._inputs,
        modelOutputs: this._modelOutputs
      });
    }
  }

  end(nextPageToken: string | null): void {
    this.nextPageToken = nextPageToken;
  }

  private _info: RunInfo | null = null;
  private _params = new Map<string, string>();
  private _metrics = new Map<string, Metric>();
  private _tags = new Map<string, string>();
  private _inputs: DatasetInput[] = [];
  private _modelOutputs: string[] = [];
}

/** Decodes an answer of `runs/search` into Run objects. */
export function decodeRunPage(json: unknown, where: string): Page<Run> {
  const collector = new RunCollector();
  decodeRunsInto(collector, json, where);
  return { items: collector.runs, nextPageToken: collector.nextPageToken };
}

/** Decodes `{run: …}` of `runs/get` and `runs/create`. */
export function decodeRun(json: unknown, where: string): Run {
  const reader = new Reader(where);
  const run = reader.fields(
    reader.fields(json, 'the answer itself')?.run,
    'run'
  );
  if (run === null) {
    throw wrong(where, 'run', 'an object');
  }
  reader.at('run');
  const collector = new RunCollector();
  readRun(reader, where, run, collector);
  return collector.runs[0];
}

/** Decodes `{run_info: …}` of `runs/update`. */
export function decodeRunInfo(json: unknown, where: string): RunInfo {
  const reader = new Reader(where);
  const info = reader.fields(
    reader.fields(json, 'the answer itself')?.run_info,
    'run_info'
  );
  if (info === null) {
    throw wrong(where, 'run_info', 'an object');
  }
  return readInfo(reader, info);
}
