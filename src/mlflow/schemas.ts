import * as v from 'valibot';
import {
  type ArtifactFile,
  type Dataset,
  type DatasetInput,
  type Entries,
  type Experiment,
  type Int,
  type LoggedModel,
  type Metric,
  type ModelVersion,
  type Page,
  type RegisteredModel
} from './entities';
import { MlflowError } from './errors';
import { intOf, lifecycleOf, metricValueOf } from './scalars';

/** Absent and null are the empty text. */
export const text = v.nullish(v.string(), '');

const optionalText = v.pipe(
  v.nullish(v.string(), ''),
  v.transform(value => (value === '' ? null : value))
);

/** Ids and versions are text, which some servers write as numbers. */
export const id = v.pipe(
  v.union([v.string(), v.number(), v.bigint()]),
  v.transform(String)
);

const integer = v.pipe(
  v.union([v.number(), v.bigint(), v.pipe(v.string(), v.regex(/^-?\d+$/))]),
  v.transform((value): Int => intOf(value) ?? 0)
);
const optionalInteger = v.nullish(integer, null);

/** Milliseconds since the epoch, or null. */
const time = v.pipe(
  optionalInteger,
  v.transform(value => (value === null ? null : Number(value)))
);

const metricValue = v.pipe(
  v.nullish(
    v.union([
      v.number(),
      v.bigint(),
      v.picklist(['NaN', 'Infinity', '-Infinity'])
    ]),
    'NaN'
  ),
  v.transform((value): number => metricValueOf(value) ?? NaN)
);

function list<S extends v.GenericSchema>(item: S) {
  return v.nullish(v.array(item), []);
}

/** `[{key, value}, …]` as a map, in the order of the answer. */
export const entries = v.pipe(
  list(v.object({ key: v.string(), value: text })),
  v.transform(
    (pairs): Entries => new Map(pairs.map(({ key, value }) => [key, value]))
  )
);

const lifecycle = v.pipe(text, v.transform(lifecycleOf));

export const experiment = v.pipe(
  v.object({
    experiment_id: id,
    name: text,
    artifact_location: text,
    lifecycle_stage: lifecycle,
    creation_time: time,
    last_update_time: time,
    tags: entries
  }),
  v.transform((e): Experiment => ({
    id: e.experiment_id,
    name: e.name,
    artifactLocation: e.artifact_location,
    lifecycleStage: e.lifecycle_stage,
    creationTime: e.creation_time,
    lastUpdateTime: e.last_update_time,
    tags: e.tags
  }))
);

export const metric = v.pipe(
  v.object({
    key: v.string(),
    value: metricValue,
    timestamp: v.nullish(integer, 0),
    step: v.nullish(integer, 0)
  }),
  v.transform((m): Metric => m)
);

export const dataset = v.pipe(
  v.object({
    name: text,
    digest: text,
    source_type: text,
    source: text,
    schema: text,
    profile: text
  }),
  v.transform((d): Dataset => ({
    name: d.name,
    digest: d.digest,
    sourceType: d.source_type,
    source: d.source,
    schema: d.schema,
    profile: d.profile
  }))
);

export const datasetInput = v.pipe(
  v.object({ dataset: dataset, tags: entries }),
  v.transform((input): DatasetInput => input)
);

export const artifactFile = v.pipe(
  v.object({
    path: text,
    is_dir: v.nullish(v.boolean(), false),
    file_size: optionalInteger
  }),
  v.transform((f): ArtifactFile => ({
    path: f.path,
    isDirectory: f.is_dir,
    size: f.is_dir ? null : f.file_size
  }))
);

/** A version's source in MLflow 3 names the logged model: `models:/m-<id>`. */
export function modelIdOf(source: string): string | null {
  return /^models:\/+(m-[^/@?#]+)/.exec(source)?.[1] ?? null;
}

const aliasNames = v.pipe(
  list(v.union([v.string(), v.object({ alias: v.string() })])),
  v.transform(all =>
    all.map(one => (typeof one === 'string' ? one : one.alias))
  )
);

export const modelVersion = v.pipe(
  v.object({
    name: text,
    version: id,
    description: text,
    current_stage: text,
    status: text,
    status_message: text,
    source: text,
    run_id: optionalText,
    user_id: text,
    creation_timestamp: time,
    last_updated_timestamp: time,
    tags: entries,
    aliases: aliasNames
  }),
  v.transform((m): ModelVersion => ({
    name: m.name,
    version: m.version,
    description: m.description,
    stage: m.current_stage,
    status: m.status,
    statusMessage: m.status_message,
    source: m.source,
    runId: m.run_id,
    modelId: modelIdOf(m.source),
    userId: m.user_id,
    creationTime: m.creation_timestamp,
    lastUpdateTime: m.last_updated_timestamp,
    tags: m.tags,
    aliases: m.aliases
  }))
);

export const registeredModel = v.pipe(
  v.object({
    name: v.string(),
    description: text,
    creation_timestamp: time,
    last_updated_timestamp: time,
    tags: entries,
    aliases: list(v.object({ alias: v.string(), version: id })),
    latest_versions: list(modelVersion)
  }),
  v.transform((m): RegisteredModel => ({
    name: m.name,
    description: m.description,
    creationTime: m.creation_timestamp,
    lastUpdateTime: m.last_updated_timestamp,
    tags: m.tags,
    aliases: new Map(m.aliases.map(({ alias, version }) => [alias, version])),
    latestVersions: m.latest_versions
  }))
);

export const loggedModel = v.pipe(
  v.object({
    info: v.object({
      model_id: v.string(),
      name: text,
      experiment_id: v.nullish(id, ''),
      source_run_id: optionalText,
      status: text,
      artifact_uri: text,
      model_type: text,
      creation_timestamp_ms: time,
      last_updated_timestamp_ms: time,
      tags: entries
    }),
    data: v.nullish(v.object({ params: entries, metrics: list(metric) }))
  }),
  v.transform(({ info, data }): LoggedModel => ({
    id: info.model_id,
    name: info.name,
    experimentId: info.experiment_id,
    sourceRunId: info.source_run_id,
    status: info.status,
    artifactUri: info.artifact_uri,
    modelType: info.model_type,
    creationTime: info.creation_timestamp_ms,
    lastUpdateTime: info.last_updated_timestamp_ms,
    params: data?.params ?? new Map(),
    metrics: data?.metrics ?? [],
    tags: info.tags
  }))
);

/**
 * A decoder from a schema. Unknown fields are ignored.
 *
 * @param prefix Stands before the names of fields in errors.
 * @throws MlflowError `malformed`, naming the field, for a value of the wrong type.
 */
export function decoder<T>(
  schema: v.GenericSchema<unknown, T>,
  prefix = ''
): (json: unknown, where: string) => T {
  return (json, where) => {
    const result = v.safeParse(schema, json, { abortEarly: true });
    if (result.success) {
      return result.output;
    }
    const [issue] = result.issues;
    const field =
      [prefix, v.getDotPath(issue) ?? '']
        .filter(part => part !== '')
        .join('.') || 'the answer itself';
    throw new MlflowError(
      'malformed',
      `The answer to ${where} is not as MLflow writes it: "${field}" should be ${issue.expected ?? 'something else'} but is ${issue.received.slice(0, 80)}.`
    );
  };
}

const decodeObject = decoder(
  v.pipe(
    v.custom<object>(
      value =>
        typeof value === 'object' && value !== null && !Array.isArray(value),
      'object'
    ),
    v.record(v.string(), v.unknown())
  )
);
const decodeToken = decoder(optionalText, 'next_page_token');

/** The decoder of a listing: `{<field>: [...], next_page_token}`, where an absent list is an empty one. */
export function pageDecoder<T>(
  field: string,
  item: v.GenericSchema<unknown, T>
): (json: unknown, where: string) => Page<T> {
  const decodeItems = decoder(v.nullish(v.array(item), []), field);
  return (json, where) => {
    const answer = decodeObject(json, where);
    return {
      items: decodeItems(answer[field], where),
      nextPageToken: decodeToken(answer.next_page_token, where)
    };
  };
}
