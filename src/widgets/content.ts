import type { WidgetKind } from './tokens';

export type Milliseconds = number;

/** A metric's number, a parameter's or tag's text, or nothing. */
export type Cell = number | string | null;

/** What every kind of output holds. */
interface Content<Kind extends WidgetKind, Snapshot> {
  readonly kind: Kind;
  /** The Jupyter server's id of the tracking server; null where the kernel did not know one. */
  readonly serverId: string | null;
  /** A sentence of the kernel's, such as why there is nothing. */
  readonly note: string | null;
  readonly snapshot: (Snapshot & Taken) | null;
}

/** When a snapshot was taken, and whether it is all there is. */
export interface Taken {
  readonly at: Milliseconds;
  readonly truncated: boolean;
}

export interface ColumnKey {
  readonly kind: 'metrics' | 'params' | 'tags';
  readonly key: string;
}

export interface TableRow {
  readonly id: string;
  readonly experimentId: string;
  readonly name: string;
  readonly status: string;
  readonly startTime: Milliseconds | null;
  readonly endTime: Milliseconds | null;
  /** By column. */
  readonly values: ReadonlyArray<Cell>;
}

export interface TableSnapshot {
  readonly columns: ReadonlyArray<ColumnKey>;
  readonly rows: ReadonlyArray<TableRow>;
}

export interface CardSnapshot {
  readonly name: string;
  readonly status: string;
  readonly lifecycleStage: string;
  readonly startTime: Milliseconds | null;
  readonly endTime: Milliseconds | null;
  readonly metrics: ReadonlyArray<readonly [string, number]>;
  readonly params: ReadonlyArray<readonly [string, string]>;
  readonly tags: ReadonlyArray<readonly [string, string]>;
  /** Path and bytes, null of a folder, of what lies at the top; null where nobody asked. */
  readonly artifacts: ReadonlyArray<readonly [string, number | null]> | null;
}

/** Points as `[step, timestamp, value]`. */
export type Point = readonly [number, Milliseconds, number];

export interface ChartLine {
  readonly runId: string;
  readonly name: string;
  readonly key: string;
  readonly points: ReadonlyArray<Point>;
}

export interface CompareRow {
  readonly kind: 'metrics' | 'params';
  readonly key: string;
  /** By run. */
  readonly values: ReadonlyArray<Cell>;
}

export interface CompareSnapshot {
  readonly runs: ReadonlyArray<{
    readonly id: string;
    readonly name: string;
    readonly status: string;
  }>;
  readonly rows: ReadonlyArray<CompareRow>;
}

export interface VersionRow {
  readonly version: string;
  /** Separated by commas. */
  readonly aliases: string;
  readonly status: string;
  readonly runId: string;
  readonly made: Milliseconds | null;
  /** Empty for none. */
  readonly stage: string;
}

export interface ModelRow {
  readonly name: string;
  readonly version: string;
  readonly aliases: string;
  readonly description: string;
}

/** Name, type, and whether it is required. */
export type Field = readonly [string, string, boolean];

/** What a model takes and gives. */
export interface Signature {
  readonly inputs: ReadonlyArray<Field>;
  readonly outputs: ReadonlyArray<Field>;
  readonly params: ReadonlyArray<Field>;
}

export interface ModelSnapshot {
  /** Of one model; empty for none. */
  readonly description: string;
  /** Of the newest version; null where it has none or is not known. */
  readonly signature: Signature | null;
  /** Of one model; null where the output is about all. */
  readonly versions: ReadonlyArray<VersionRow> | null;
  readonly models: ReadonlyArray<ModelRow> | null;
}

/** Which runs an output is about: those that the tracking server finds. */
export interface Question {
  readonly experimentIds: ReadonlyArray<string>;
  /** Where there are no ids: the kernel did not know its id, or there is none yet. */
  readonly experimentName: string | null;
  /** Where there are no ids: every experiment is meant. */
  readonly isEverywhere: boolean;
  readonly filter: string;
  /** Null is the newest first. */
  readonly order: { readonly by: string; readonly descending: boolean } | null;
  readonly maxResults: number;
}

export interface TableContent
  extends Content<'table', TableSnapshot>, Question {}

export interface CardContent extends Content<'card', CardSnapshot> {
  /** Which run, where the kernel did not find out: the first that is found. */
  readonly question: Question | null;
  readonly runId: string | null;
  readonly experimentId: string | null;
}

export type ChartAxis = 'step' | 'time' | 'wall';

export interface ChartContent extends Content<
  'chart',
  { readonly lines: ReadonlyArray<ChartLine> }
> {
  /** Which runs; null where `runIds` are all. */
  readonly question: Question | null;
  readonly runIds: ReadonlyArray<string>;
  readonly keys: ReadonlyArray<string>;
  readonly x: ChartAxis;
  readonly smooth: number;
  readonly log: boolean;
}

export interface CompareContent extends Content<'compare', CompareSnapshot> {
  /** Which runs; null where `runIds` are all. */
  readonly question: Question | null;
  readonly runIds: ReadonlyArray<string>;
  readonly all: boolean;
}

export interface ModelContent extends Content<'model', ModelSnapshot> {
  readonly name: string | null;
}

export interface StatusContent extends Content<
  'status',
  { readonly rows: ReadonlyArray<readonly [string, string]> }
> {
  readonly topic: string;
}

export type WidgetContent =
  | TableContent
  | CardContent
  | ChartContent
  | CompareContent
  | ModelContent
  | StatusContent;
