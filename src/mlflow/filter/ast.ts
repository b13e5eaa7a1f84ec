/** Characters of the filter's text, `to` exclusive. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}

export type Entity = 'metric' | 'param' | 'tag' | 'attribute' | 'dataset';

/** What MLflow knows. Others (`<>`, `==`, `NOT LIKE`, …) are read, and refused with a sentence. */
export type Comparator =
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'LIKE'
  | 'ILIKE'
  | 'IN'
  | 'NOT IN'
  | 'IS NULL'
  | 'IS NOT NULL';

/** Text, a number, the list after IN, or null after `IS NULL`. */
export type FilterValue = string | number | ReadonlyArray<string> | null;

/** One condition of a filter: `metrics.loss < 0.5`. */
export interface Condition {
  readonly entity: Entity;
  /** Without quotes: `loss`, `val/acc`, `run_name`. */
  readonly key: string;
  readonly comparator: Comparator;
  readonly value: FilterValue;
}

/** A condition as it stands in a text; it may still be one that MLflow refuses. */
export interface ParsedCondition {
  /** Null for a word that is none of MLflow's. */
  readonly entity: Entity | null;
  readonly entityWord: string | null;
  readonly key: string;
  readonly keyQuoted: boolean;
  /** In capitals, with single spaces. */
  readonly comparator: string;
  readonly value: FilterValue;
  /** `bare` is a word without quotes. */
  readonly valueKind: 'text' | 'number' | 'list' | 'bare' | 'none';
  readonly range: TextRange;
  readonly entityRange: TextRange | null;
  readonly keyRange: TextRange;
  readonly comparatorRange: TextRange;
  readonly valueRange: TextRange | null;
}

/** What is wrong with a filter, and where. */
export interface FilterProblem extends TextRange {
  /** `error`: MLflow would refuse the filter. `warning`: it would take it, but not as meant. */
  readonly severity: 'error' | 'warning';
  /** One sentence. */
  readonly message: string;
  /** Text that could stand in place of the range instead. */
  readonly fix?: string;
}

/** Every word that MLflow takes for an entity. */
export const ENTITY_WORDS: ReadonlyMap<string, Entity> = new Map<
  string,
  Entity
>([
  ['metrics', 'metric'],
  ['metric', 'metric'],
  ['params', 'param'],
  ['param', 'param'],
  ['parameters', 'param'],
  ['parameter', 'param'],
  ['tags', 'tag'],
  ['tag', 'tag'],
  ['attributes', 'attribute'],
  ['attribute', 'attribute'],
  ['attr', 'attribute'],
  ['run', 'attribute'],
  ['dataset', 'dataset'],
  ['datasets', 'dataset']
]);

/** The attributes of runs that can be filtered by, and whether they are numbers (milliseconds). */
export const ATTRIBUTES: ReadonlyMap<string, 'text' | 'number'> = new Map([
  ['run_id', 'text'],
  ['run_name', 'text'],
  ['status', 'text'],
  ['user_id', 'text'],
  ['artifact_uri', 'text'],
  ['start_time', 'number'],
  ['end_time', 'number']
]);

/** Other names that MLflow takes for attributes. */
export const ATTRIBUTE_ALIASES: ReadonlyMap<string, string> = new Map([
  ['created', 'start_time'],
  ['Created', 'start_time'],
  ['run name', 'run_name'],
  ['Run name', 'run_name'],
  ['Run Name', 'run_name']
]);

export const DATASET_KEYS: ReadonlyArray<string> = [
  'name',
  'digest',
  'context'
];

/** Case matters. */
export const RUN_STATUSES: ReadonlyArray<string> = [
  'RUNNING',
  'SCHEDULED',
  'FINISHED',
  'FAILED',
  'KILLED'
];

const NUMERIC: ReadonlyArray<Comparator> = ['=', '!=', '<', '<=', '>', '>='];
const TEXTUAL: ReadonlyArray<Comparator> = ['=', '!=', 'LIKE', 'ILIKE'];

/** The comparators that MLflow takes for a key, the newest server's. */
export function comparatorsOf(
  entity: Entity,
  key: string
): ReadonlyArray<Comparator> {
  switch (entity) {
    case 'metric':
      return NUMERIC;
    case 'param':
    case 'tag':
      return [...TEXTUAL, 'IS NULL', 'IS NOT NULL'];
    case 'dataset':
      return [...TEXTUAL, 'IN', 'NOT IN'];
    case 'attribute': {
      const name = ATTRIBUTE_ALIASES.get(key) ?? key;
      if (ATTRIBUTES.get(name) === 'number') {
        return NUMERIC;
      }
      return name === 'run_id' ? [...TEXTUAL, 'IN', 'NOT IN'] : TEXTUAL;
    }
  }
}

/** True for keys whose values are numbers. */
export function isNumeric(entity: Entity, key: string): boolean {
  return (
    entity === 'metric' ||
    (entity === 'attribute' &&
      ATTRIBUTES.get(ATTRIBUTE_ALIASES.get(key) ?? key) === 'number')
  );
}
