export type {
  Comparator,
  Condition,
  Entity,
  FilterProblem,
  FilterValue,
  ParsedCondition,
  TextRange
} from './ast';
export {
  ATTRIBUTES,
  comparatorsOf,
  DATASET_KEYS,
  ENTITY_WORDS,
  isNumeric,
  RUN_STATUSES
} from './ast';
export {
  completionsAt,
  type Completion,
  type Completions,
  type KnownKeys
} from './complete';
export { parse, type ParsedFilter } from './parse';
export {
  CannotQuoteError,
  combine,
  isPlainKey,
  print,
  printKey,
  quoteKey,
  quoteValue
} from './print';
export {
  validate,
  validateConditions,
  type FilterCapabilities
} from './validate';
