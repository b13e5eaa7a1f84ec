import { type Capabilities } from '../entities';
import {
  ATTRIBUTE_ALIASES,
  ATTRIBUTES,
  comparatorsOf,
  DATASET_KEYS,
  ENTITY_WORDS,
  isNumeric,
  RUN_STATUSES,
  type Entity,
  type FilterProblem,
  type ParsedCondition,
  type TextRange
} from './ast';
import { parse } from './parse';
import { isPlainKey, quoteKey, quoteValue } from './print';

/** What a server must tell for a filter to be judged; null while it is not known: then newer parts are let through. */
export type FilterCapabilities = Pick<
  Capabilities,
  'filterIsNull' | 'filterDatasets'
> | null;

const KNOWN_ENTITIES = 'metrics, params, tags, attributes or dataset';

function error(range: TextRange, message: string, fix?: string): FilterProblem {
  return { from: range.from, to: range.to, severity: 'error', message, fix };
}

function warning(
  range: TextRange,
  message: string,
  fix?: string
): FilterProblem {
  return { from: range.from, to: range.to, severity: 'warning', message, fix };
}

/** Joins words for a sentence: `a, b or c`. */
function orList(words: ReadonlyArray<string>): string {
  return words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`;
}

/** The fix, where the text can be quoted. */
function attempt(quote: () => string): string | undefined {
  try {
    return quote();
  } catch {
    return undefined;
  }
}

function nameOf(condition: ParsedCondition): string {
  return condition.entityWord === null
    ? condition.key
    : `${condition.entityWord}.${condition.key}`;
}

function entityProblem(
  c: ParsedCondition,
  capabilities: FilterCapabilities
): FilterProblem | null {
  if (c.entity === null && c.entityRange !== null) {
    const word = c.entityWord ?? '';
    const lower = word.toLowerCase();
    const message = `\`${word}\` is not known here: write ${KNOWN_ENTITIES}.`;
    return error(
      c.entityRange,
      message,
      ENTITY_WORDS.has(lower) ? lower : undefined
    );
  }
  if (c.entity === 'dataset' && capabilities?.filterDatasets === false) {
    return error(
      c.range,
      'This server cannot filter by data sets: that needs MLflow 2.4 or newer.'
    );
  }
  return null;
}

function keyProblem(c: ParsedCondition, entity: Entity): FilterProblem | null {
  if (c.key === '') {
    return error(c.keyRange, 'The name between the quotes is empty.');
  }
  if (entity === 'attribute') {
    const name = ATTRIBUTE_ALIASES.get(c.key) ?? c.key;
    if (!ATTRIBUTES.has(name)) {
      const lower = c.key.toLowerCase();
      const near =
        lower === 'name'
          ? 'run_name'
          : lower === 'user'
            ? 'user_id'
            : lower === 'id'
              ? 'run_id'
              : lower;
      return error(
        c.keyRange,
        `\`${c.key}\` is no attribute of runs: there are ${orList([...ATTRIBUTES.keys()])}. Others stand after metrics., params. or tags.`,
        ATTRIBUTES.has(near) ? near : undefined
      );
    }
  } else if (entity === 'dataset' && !DATASET_KEYS.includes(c.key)) {
    return error(
      c.keyRange,
      `Data sets are filtered by ${orList(DATASET_KEYS)}.`
    );
  }
  if (!c.keyQuoted && !isPlainKey(c.key)) {
    const fix = attempt(() => quoteKey(c.key));
    return error(
      c.keyRange,
      `The name \`${c.key}\` must stand between backticks.`,
      fix
    );
  }
  return null;
}

function comparatorProblem(
  c: ParsedCondition,
  entity: Entity,
  capabilities: FilterCapabilities
): FilterProblem | null {
  const { comparator, comparatorRange } = c;
  const known: ReadonlyArray<string> = comparatorsOf(entity, c.key);
  if (comparator === 'IS NULL' || comparator === 'IS NOT NULL') {
    if (!known.includes(comparator)) {
      return error(
        comparatorRange,
        `Only params and tags can be compared with ${comparator}.`
      );
    }
    return capabilities?.filterIsNull === false
      ? error(
          comparatorRange,
          `This server does not know ${comparator}: it needs MLflow 3.9 or newer.`
        )
      : null;
  }
  if (!known.includes(comparator)) {
    const same =
      comparator === '==' ? '=' : comparator === '<>' ? '!=' : undefined;
    const written = orList(known.filter(one => !one.startsWith('IS')));
    return error(
      comparatorRange,
      `\`${nameOf(c)}\` is compared with ${written}, not ${comparator}.`,
      same
    );
  }
  return null;
}

function numberProblem(
  c: ParsedCondition,
  range: TextRange,
  text: string
): FilterProblem | null {
  const name = nameOf(c);
  if (c.valueKind === 'number') {
    const written = text.slice(range.from, range.to);
    return /^\+|[eE]\+/.test(written)
      ? error(
          range,
          'MLflow does not read a plus sign in numbers.',
          written.replace(/\+/g, '')
        )
      : null;
  }
  const inner = typeof c.value === 'string' ? c.value.trim() : '';
  const fix = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE]-?\d+)?$/.test(inner)
    ? inner
    : undefined;
  if (c.valueKind === 'text') {
    return fix === undefined
      ? error(range, `\`${name}\` is compared with a number.`)
      : error(
          range,
          `Numbers are not quoted: \`${name}\` is compared with ${fix}.`,
          fix
        );
  }
  return error(range, `\`${name}\` is compared with a number such as 0.5.`);
}

function textProblem(
  c: ParsedCondition,
  range: TextRange,
  text: string
): FilterProblem | null {
  const written = text.slice(range.from, range.to);
  if (c.valueKind === 'number' || c.valueKind === 'bare') {
    const plain = c.valueKind === 'bare' ? String(c.value) : written;
    const fix = attempt(() => quoteValue(plain));
    return error(range, `Text stands between quotes: ${fix ?? "'…'"}.`, fix);
  }
  const value = String(c.value);
  const mark = written[0];
  if (value.includes(mark)) {
    return warning(
      range,
      `MLflow has no escapes: it searches for the text exactly as it stands between the outer ${mark}.`,
      attempt(() =>
        quoteValue(
          value.replaceAll(`\\${mark}`, mark).replaceAll(mark + mark, mark)
        )
      )
    );
  }
  if (
    c.key === 'status' &&
    c.entity === 'attribute' &&
    (c.comparator === '=' || c.comparator === '!=')
  ) {
    const upper = value.toUpperCase();
    if (!RUN_STATUSES.includes(value)) {
      return warning(
        range,
        `A status is ${orList(RUN_STATUSES)}, in capitals.`,
        RUN_STATUSES.includes(upper) ? `'${upper}'` : undefined
      );
    }
  }
  return null;
}

function valueProblem(
  c: ParsedCondition,
  entity: Entity,
  text: string
): FilterProblem | null {
  const range = c.valueRange;
  if (range === null) {
    return null;
  }
  const wantsList = c.comparator === 'IN' || c.comparator === 'NOT IN';
  if (wantsList !== (c.valueKind === 'list')) {
    return wantsList
      ? error(range, `After ${c.comparator} comes a list: ('a', 'b').`)
      : error(range, `A list can only stand after IN or NOT IN.`);
  }
  if (Array.isArray(c.value)) {
    return c.value.length === 0 ? error(range, 'The list is empty.') : null;
  }
  return isNumeric(entity, c.key)
    ? numberProblem(c, range, text)
    : textProblem(c, range, text);
}

/**
 * What MLflow would refuse in conditions that `parse` read, at most one problem for each.
 *
 * @param text The filter they were read from.
 */
export function validateConditions(
  conditions: ReadonlyArray<ParsedCondition>,
  text: string,
  capabilities: FilterCapabilities = null
): FilterProblem[] {
  return conditions.flatMap(c => {
    const { entity } = c;
    const problem =
      entityProblem(c, capabilities) ??
      (entity === null
        ? null
        : (keyProblem(c, entity) ??
          comparatorProblem(c, entity, capabilities) ??
          valueProblem(c, entity, text)));
    return problem === null ? [] : [problem];
  });
}

/** Everything wrong with a filter of runs; an empty list means that the server will take it. */
export function validate(
  text: string,
  capabilities: FilterCapabilities = null
): FilterProblem[] {
  const { conditions, problem } = parse(text);
  return conditions === null
    ? [problem]
    : validateConditions(conditions, text, capabilities);
}
