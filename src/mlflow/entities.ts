/**
 * MLflow's entities as this client decodes them. Times are milliseconds since the epoch.
 * Where MLflow leaves a field out, it is null (scalar) or empty (collection), never undefined.
 */

/** An integer of MLflow's, exact: a bigint only beyond 2^53. */
export type Int = number | bigint;

/** Key → value of parameters or tags, in the order of the answer. */
export type Entries = ReadonlyMap<string, string>;

export type LifecycleStage = 'active' | 'deleted';

/** The states MLflow documents. Another word from a newer server is kept as it came. */
export type RunStatus =
  'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED' | (string & {});

export interface Experiment {
  readonly id: string;
  readonly name: string;
  readonly artifactLocation: string;
  readonly lifecycleStage: LifecycleStage;
  readonly creationTime: number | null;
  readonly lastUpdateTime: number | null;
  readonly tags: Entries;
}

export interface RunInfo {
  readonly id: string;
  readonly name: string;
  readonly experimentId: string;
  readonly userId: string;
  readonly status: RunStatus;
  readonly startTime: number | null;
  readonly endTime: number | null;
  readonly artifactUri: string;
  readonly lifecycleStage: LifecycleStage;
}

/** One point of a metric. `value` may be NaN or ±Infinity. */
export interface Metric {
  readonly key: string;
  readonly value: number;
  readonly timestamp: Int;
  readonly step: Int;
}

export interface Dataset {
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  readonly source: string;
  readonly schema: string;
  readonly profile: string;
}

/** A data set as a run used it, with tags such as `mlflow.data.context`. */
export interface DatasetInput {
  readonly dataset: Dataset;
  readonly tags: Entries;
}

export interface Run {
  readonly info: RunInfo;
  readonly params: Entries;
  /** The latest point of each metric. */
  readonly metrics: ReadonlyMap<string, Metric>;
  readonly tags: Entries;
  readonly inputs: ReadonlyArray<DatasetInput>;
  /** Logged models this run wrote (MLflow 3), by model id. */
  readonly modelOutputs: ReadonlyArray<string>;
}

export interface ArtifactFile {
  /** Path relative to the run's artifact root, with `/`. */
  readonly path: string;
  readonly isDirectory: boolean;
  /** Bytes; null for folders and where the store does not know. */
  readonly size: Int | null;
}

export interface RegisteredModel {
  readonly name: string;
  readonly description: string;
  readonly creationTime: number | null;
  readonly lastUpdateTime: number | null;
  readonly tags: Entries;
  /** Alias → version. */
  readonly aliases: Entries;
  /** The newest version of each stage, as the server lists them. */
  readonly latestVersions: ReadonlyArray<ModelVersion>;
}

export interface ModelVersion {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly stage: string;
  readonly status: string;
  readonly statusMessage: string;
  readonly source: string;
  readonly runId: string | null;
  /** Parsed from a `models:/m-…` source of MLflow 3; else null. */
  readonly modelId: string | null;
  readonly userId: string;
  readonly creationTime: number | null;
  readonly lastUpdateTime: number | null;
  readonly tags: Entries;
  readonly aliases: ReadonlyArray<string>;
}

export interface LoggedModel {
  readonly id: string;
  readonly name: string;
  readonly experimentId: string;
  readonly sourceRunId: string | null;
  readonly status: string;
  readonly artifactUri: string;
  readonly modelType: string;
  readonly creationTime: number | null;
  readonly lastUpdateTime: number | null;
  readonly params: Entries;
  readonly metrics: ReadonlyArray<Metric>;
  readonly tags: Entries;
}

export type ViewType = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';

/** A data set as an experiment's runs used it. */
export interface DatasetSummary {
  readonly experimentId: string;
  readonly name: string;
  readonly digest: string;
  /** Tag `mlflow.data.context` of the input, for example "training"; empty without. */
  readonly context: string;
}

/** The values of one metric of one run, in the order of the server (timestamp, step), column by column. */
export interface MetricHistory {
  readonly key: string;
  readonly values: ReadonlyArray<number>;
  readonly steps: ReadonlyArray<Int>;
  /** Milliseconds since the epoch. */
  readonly timestamps: ReadonlyArray<Int>;
}

/** One page of a listing; `nextPageToken` is null on the last. */
export interface Page<T> {
  readonly items: ReadonlyArray<T>;
  readonly nextPageToken: string | null;
}

/** What a server can do. Features ask these, never the version. */
export interface Capabilities {
  /** As `/version` says it; null where the server does not tell (some need a login for it). */
  readonly version: string | null;
  readonly loggedModels: boolean;
  readonly datasets: boolean;
  readonly workspaces: boolean;
  /** `metrics/get-history-bulk-interval` (2.11). */
  readonly sampledHistory: boolean;
  /** `metrics/get-history` honours `max_results` and page tokens. */
  readonly historyPaging: boolean;
  /** `experiments/delete-experiment-tag`. */
  readonly deleteExperimentTag: boolean;
  /** `IS NULL` and `dataset.*` in run filters. */
  readonly filterIsNull: boolean;
  readonly filterDatasets: boolean;
  /** Longest parameter and run tag values that are kept whole, in characters. */
  readonly maxParamLength: number;
  readonly maxTagLength: number;
}
