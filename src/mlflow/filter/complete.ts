import {
  ATTRIBUTES,
  comparatorsOf,
  DATASET_KEYS,
  ENTITY_WORDS,
  isNumeric,
  RUN_STATUSES,
  type Entity
} from './ast';
import { CannotQuoteError, quoteKey, quoteValue } from './print';
import { type FilterCapabilities } from './validate';

/** Names and values that are offered. */
export interface KnownKeys {
  readonly metrics: ReadonlyArray<string>;
  readonly params: ReadonlyArray<string>;
  readonly tags: ReadonlyArray<string>;
  /** Values seen for a key, unquoted. */
  values?(entity: Entity, key: string): ReadonlyArray<string>;
}

export interface Completion {
  /** What stands in place of the range when it is chosen. */
  readonly text: string;
  /** What is shown: names without quotes. */
  readonly label: string;
  readonly kind:
    'entity' | 'attribute' | 'key' | 'comparator' | 'value' | 'joint';
}

/** Options for the characters `from` to `to`. */
export interface Completions {
  readonly from: number;
  readonly to: number;
  readonly options: ReadonlyArray<Completion>;
}

interface Token {
  readonly kind: 'name' | 'operator' | 'value' | 'open' | 'close' | 'comma';
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** A name with its quoted parts, also while its last quote is open; a value; an operator; punctuation. */
const TOKEN =
  /(?<value>'[^']*'?|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d*)?(?![\p{L}\p{N}_.]))|(?<name>(?:[^\s'"`,;()<>=!]|`[^`]*`?|"[^"]*"?)+)|(?<operator>[<>=!]+)|(?<open>\()|(?<close>\))|(?<comma>,)/gu;

const KINDS = ['value', 'name', 'operator', 'open', 'close', 'comma'] as const;

function tokens(text: string): Token[] {
  const all: Token[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const kind = KINDS.find(one => match.groups?.[one] !== undefined) ?? 'name';
    all.push({
      kind,
      text: match[0],
      from: match.index,
      to: match.index + match[0].length
    });
  }
  return all;
}

/** Where a position is within a condition. */
type Place =
  | { readonly at: 'left' }
  | {
      readonly at: 'comparator';
      readonly left: string;
      readonly words: ReadonlyArray<string>;
    }
  | { readonly at: 'value'; readonly left: string; readonly inList: boolean }
  | { readonly at: 'joint' };

const isWord = (token: Token, ...words: string[]): boolean =>
  token.kind === 'name' && words.includes(token.text.toUpperCase());

/** The place after the given whole tokens. */
function placeAfter(before: ReadonlyArray<Token>): Place {
  let place: Place = { at: 'left' };
  for (const token of before) {
    place = step(place, token);
  }
  return place;
}

function step(place: Place, token: Token): Place {
  switch (place.at) {
    case 'left':
      return token.kind === 'name' && !isWord(token, 'AND')
        ? { at: 'comparator', left: token.text, words: [] }
        : { at: 'left' };
    case 'comparator': {
      if (token.kind === 'operator' || isWord(token, 'LIKE', 'ILIKE', 'IN')) {
        return { at: 'value', left: place.left, inList: false };
      }
      return isWord(token, 'NULL')
        ? { at: 'joint' }
        : {
            at: 'comparator',
            left: place.left,
            words: [...place.words, token.text.toUpperCase()]
          };
    }
    case 'value':
      if (token.kind === 'open' || (place.inList && token.kind !== 'close')) {
        return { at: 'value', left: place.left, inList: true };
      }
      return { at: 'joint' };
    case 'joint':
      return isWord(token, 'AND') ? { at: 'left' } : place;
  }
}

function unquote(text: string): string {
  return text.replace(/^[`"]/, '').replace(/[`"]$/, '');
}

/** Entity and key of a name as it stands; null for an entity that is none. */
function splitName(text: string): {
  readonly entity: Entity;
  readonly key: string;
  readonly keyOffset: number;
} | null {
  const dot =
    /^[`"]/.test(text) && !/^`[A-Za-z]+`\./.test(text) ? -1 : text.indexOf('.');
  if (dot < 0) {
    return { entity: 'attribute', key: unquote(text), keyOffset: 0 };
  }
  const entity = ENTITY_WORDS.get(unquote(text.slice(0, dot)));
  return entity === undefined
    ? null
    : { entity, key: unquote(text.slice(dot + 1)), keyOffset: dot + 1 };
}

function keysOf(entity: Entity, known: KnownKeys): ReadonlyArray<string> {
  switch (entity) {
    case 'metric':
      return known.metrics;
    case 'param':
      return known.params;
    case 'tag':
      return known.tags;
    case 'attribute':
      return [...ATTRIBUTES.keys()];
    case 'dataset':
      return DATASET_KEYS;
  }
}

/** Names that hold the typed text: those that begin with it first, otherwise in the given order. */
function matching(names: ReadonlyArray<string>, typed: string): string[] {
  const wanted = typed.toLowerCase();
  const rank = (name: string): number =>
    name.toLowerCase().startsWith(wanted) ? 0 : 1;
  return [...new Set(names)]
    .filter(name => name.toLowerCase().includes(wanted))
    .sort((a, b) => rank(a) - rank(b));
}

/** Leaves out what cannot be written in a filter. */
function quotable(
  names: ReadonlyArray<string>,
  quote: (name: string) => string,
  kind: 'key' | 'value'
): Completion[] {
  return names.flatMap(name => {
    try {
      return [{ text: quote(name), label: name, kind }];
    } catch (error) {
      if (error instanceof CannotQuoteError) {
        return [];
      }
      throw error;
    }
  });
}

function leftOptions(
  typed: string,
  from: number,
  known: KnownKeys,
  capabilities: FilterCapabilities
) {
  const name = splitName(typed);
  if (name === null) {
    return { from, options: [] };
  }
  if (name.keyOffset > 0) {
    const options = quotable(
      matching(keysOf(name.entity, known), name.key),
      quoteKey,
      'key'
    );
    return { from: from + name.keyOffset, options };
  }
  const entities = [
    'metrics.',
    'params.',
    'tags.',
    ...(capabilities?.filterDatasets === false ? [] : ['dataset.'])
  ];
  const options: Completion[] = [
    ...matching(entities, name.key).map((text): Completion => ({
      text,
      label: text,
      kind: 'entity'
    })),
    ...matching([...ATTRIBUTES.keys()], name.key).map((text): Completion => ({
      text,
      label: text,
      kind: 'attribute'
    }))
  ];
  if (typed !== '') {
    // A word may also be the beginning of a key.
    for (const entity of ['metric', 'param', 'tag'] as const) {
      for (const key of quotable(
        matching(keysOf(entity, known), name.key),
        quoteKey,
        'key'
      )) {
        const prefix = `${entity}s.`;
        options.push({
          text: prefix + key.text,
          label: prefix + key.label,
          kind: 'key'
        });
      }
    }
  }
  return { from, options };
}

function comparatorOptions(
  left: string,
  words: ReadonlyArray<string>,
  typed: string,
  capabilities: FilterCapabilities
): Completion[] {
  const name = splitName(left);
  const typedSoFar = [...words, typed.toUpperCase()].join(' ');
  return (name === null ? [] : comparatorsOf(name.entity, name.key))
    .filter(
      one => capabilities?.filterIsNull !== false || !one.startsWith('IS')
    )
    .filter(one => one.startsWith(typedSoFar))
    .map((one): Completion => {
      // Words that stand already (`IS NOT`) are not repeated.
      const rest = one.split(' ').slice(words.length).join(' ');
      return { text: rest, label: one, kind: 'comparator' };
    });
}

function valueOptions(
  left: string,
  typed: string,
  known: KnownKeys
): Completion[] {
  const name = splitName(left);
  if (name === null || isNumeric(name.entity, name.key)) {
    return [];
  }
  const fixed =
    name.entity === 'attribute' && name.key === 'status' ? RUN_STATUSES : [];
  const seen = known.values?.(name.entity, name.key) ?? [];
  return quotable(
    matching([...fixed, ...seen], typed.replace(/^['"]|['"]$/g, '')),
    quoteValue,
    'value'
  );
}

/**
 * What could stand at a position of a filter.
 *
 * @param offset In characters from the start of the text: where the caret is.
 * @returns Options for the word around the caret, which they replace.
 */
export function completionsAt(
  text: string,
  offset: number,
  known: KnownKeys,
  capabilities: FilterCapabilities = null
): Completions {
  const all = tokens(text);
  // A list's punctuation is never the word around the caret.
  const current = all.find(
    token =>
      token.from < offset &&
      offset <= token.to &&
      !['open', 'close', 'comma'].includes(token.kind)
  );
  const from = current?.from ?? offset;
  const to = current?.to ?? offset;
  const typed = text.slice(from, offset);
  const place = placeAfter(all.filter(token => token.to <= from));
  switch (place.at) {
    case 'left':
      return { to, ...leftOptions(typed, from, known, capabilities) };
    case 'comparator': {
      // A whole comparator that touches the caret: the value comes next, unless the comparator can go on (`>` to `>=`).
      const values =
        current?.kind === 'operator' ? valueOptions(place.left, '', known) : [];
      return values.length > 0
        ? { from: offset, to: offset, options: values }
        : {
            from,
            to,
            options: comparatorOptions(
              place.left,
              place.words,
              typed,
              capabilities
            )
          };
    }
    case 'value':
      return { from, to, options: valueOptions(place.left, typed, known) };
    case 'joint':
      return {
        from,
        to,
        options: 'AND'.startsWith(typed.toUpperCase())
          ? // eslint-disable-next-line jupyter/no-untranslated-string -- a word of MLflow's grammar
            [{ text: 'AND', label: 'AND', kind: 'joint' }]
          : []
      };
  }
}
