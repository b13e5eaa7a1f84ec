import { type Condition, type Entity, type FilterValue } from './ast';

/** A name or value that MLflow's filters have no way to write. */
export class CannotQuoteError extends Error {
  constructor(
    readonly text: string,
    message: string
  ) {
    super(message);
    this.name = 'CannotQuoteError';
  }
}

/** Words that MLflow's tokenizer takes for SQL even after a dot (measured on 2.3.2 and 3.17.2). */
const RESERVED = new Set(['as', 'case', 'from', 'in', 'using', 'values']);

/** True for a name that can stand without quotes. */
export function isPlainKey(key: string): boolean {
  return (
    /^[\p{L}\p{N}_]+(?:\.[\p{L}_][\p{L}\p{N}_]*)*$/u.test(key) &&
    !/^\d+(?:[eE]\d+)?(?:\.|$)/.test(key) &&
    !key.split('.').some(part => RESERVED.has(part.toLowerCase()))
  );
}

/**
 * A key as a filter or an order writes it: `loss`, or in backticks (else double quotes) where it needs them.
 *
 * @throws CannotQuoteError for an empty key, and one with both kinds of quote.
 */
export function quoteKey(key: string): string {
  if (isPlainKey(key)) {
    return key;
  }
  if (key === '') {
    throw new CannotQuoteError(key, 'An empty name cannot be filtered by.');
  }
  if (!key.includes('`')) {
    return `\`${key}\``;
  }
  // In double quotes MLflow would strip backticks at both ends, too.
  if (
    !key.includes('"') &&
    !key.endsWith('\\') &&
    !(key.startsWith('`') && key.endsWith('`') && key.length > 1)
  ) {
    return `"${key}"`;
  }
  throw new CannotQuoteError(
    key,
    'MLflow has no way to write this name in a filter: it has both backticks and double quotes.'
  );
}

/**
 * A text as a filter writes it, in the quotes that it does not contain itself.
 *
 * @throws CannotQuoteError for a text with both kinds of quote, and one that ends with a backslash: MLflow has no escapes.
 */
export function quoteValue(value: string): string {
  if (value.endsWith('\\')) {
    throw new CannotQuoteError(
      value,
      'MLflow has no way to write a text in a filter that ends with a backslash. Use LIKE with % at the end.'
    );
  }
  if (!value.includes("'")) {
    return `'${value}'`;
  }
  if (!value.includes('"')) {
    return `"${value}"`;
  }
  throw new CannotQuoteError(
    value,
    'MLflow has no way to write a text in a filter that has both \' and ". Use LIKE with _ in place of one of them.'
  );
}

function printNumber(value: number): string {
  if (!Number.isFinite(value)) {
    throw new CannotQuoteError(
      String(value),
      `${value} cannot be compared with in a filter.`
    );
  }
  // MLflow refuses the plus sign of 1e+21, and reads -0 as 0.
  return String(value).replace('e+', 'e');
}

const PREFIXES: Readonly<Record<Entity, string>> = {
  metric: 'metrics.',
  param: 'params.',
  tag: 'tags.',
  attribute: '',
  dataset: 'dataset.'
};

function printValue(value: FilterValue): string {
  if (value === null) {
    return '';
  }
  if (typeof value === 'number') {
    return ` ${printNumber(value)}`;
  }
  return typeof value === 'string'
    ? ` ${quoteValue(value)}`
    : ` (${value.map(quoteValue).join(', ')})`;
}

/** The name of a key with its entity, quoted: ``metrics.`val/acc` ``. Also for `order_by`. */
export function printKey(entity: Entity, key: string): string {
  return PREFIXES[entity] + quoteKey(key);
}

/**
 * The text of conditions, joined by AND; empty without any.
 *
 * @throws CannotQuoteError for a key or value that cannot be written.
 */
export function print(conditions: ReadonlyArray<Condition>): string {
  return conditions
    .map(
      c => `${printKey(c.entity, c.key)} ${c.comparator}${printValue(c.value)}`
    )
    .join(' AND ');
}

/** Filters that must all hold, as one. Empty ones are left out. Each must be a filter that parses. */
export function combine(
  filters: ReadonlyArray<string | ReadonlyArray<Condition>>
): string {
  return filters
    .map(filter => (typeof filter === 'string' ? filter.trim() : print(filter)))
    .filter(filter => filter !== '')
    .join(' AND ');
}
