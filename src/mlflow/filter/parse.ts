import { ENTITY_WORDS, type FilterProblem, type ParsedCondition } from './ast';
import {
  parse as parseText,
  SyntaxError as GrammarError
} from './grammar.generated.js';

export type ParsedFilter =
  | {
      readonly conditions: ReadonlyArray<ParsedCondition>;
      readonly problem: null;
    }
  | { readonly conditions: null; readonly problem: FilterProblem };

/** Reads a filter of runs. What is read can still be one that MLflow refuses: see `validate`. */
export function parse(text: string): ParsedFilter {
  try {
    const conditions = parseText(text).map((condition): ParsedCondition => ({
      ...condition,
      entity:
        condition.entityWord === null
          ? 'attribute'
          : (ENTITY_WORDS.get(condition.entityWord) ?? null)
    }));
    return { conditions, problem: null };
  } catch (error) {
    if (!(error instanceof GrammarError)) {
      throw error;
    }
    return { conditions: null, problem: problemOf(text, error) };
  }
}

function problemOf(text: string, error: GrammarError): FilterProblem {
  // At the end there is nothing to mark but the last character.
  const from = Math.max(
    0,
    Math.min(error.location.start.offset, text.length - 1)
  );
  const to = Math.max(
    Math.min(from + 1, text.length),
    error.location.end.offset
  );
  // Without `expected` the message is one of the grammar's own sentences.
  const message = error.expected
    ? 'This part of the filter is not understood.'
    : error.message;
  return { from, to, severity: 'error', message };
}
