import type { TranslationBundle } from '@jupyterlab/translation';
import {
  CannotQuoteError,
  type FilterCapabilities,
  parse,
  quoteValue,
  validate
} from '../mlflow/filter';

/** What somebody typed to find runs, as a filter; or why it cannot be one. */
export type Search =
  | {
      readonly filter: string;
      readonly problem: null;
      readonly isByName: boolean;
    }
  | { readonly filter: null; readonly problem: string };

/** A comparison after a word: then the text is meant as MLflow's grammar, even where it is wrong. */
const COMPARES = /^\s*[\w.`"/-]+\s*[<>=!]/;

/** Words compare only what can be a key: "nothing like it" is a name. */
const COMPARES_BY_WORD =
  /^\s*(?:[a-z]+\.(?:[`"].*[`"]|\S+)|[`"].*[`"]|run_id|run_name|status|user_id|artifact_uri|start_time|end_time)\s+(?:LIKE|ILIKE|IN|IS|NOT)\b/i;

/** Whether a text is meant as MLflow's grammar. */
export function looksLikeFilter(text: string): boolean {
  return COMPARES.test(text) || COMPARES_BY_WORD.test(text);
}

/**
 * Plain text searches the names of runs; what reads as MLflow's grammar is a filter.
 */
export function searchOf(
  text: string,
  capabilities: FilterCapabilities,
  trans: TranslationBundle
): Search {
  const typed = text.trim();
  if (typed === '') {
    return { filter: '', problem: null, isByName: false };
  }
  if (looksLikeFilter(typed)) {
    const wrong = validate(typed, capabilities).find(
      problem => problem.severity === 'error'
    );
    if (wrong !== undefined) {
      return { filter: null, problem: wrong.message };
    }
    if (parse(typed).conditions !== null) {
      return { filter: typed, problem: null, isByName: false };
    }
  }
  try {
    return {
      filter: `attributes.run_name ILIKE ${quoteValue(`%${typed}%`)}`,
      problem: null,
      isByName: true
    };
  } catch (reason) {
    return {
      filter: null,
      problem:
        reason instanceof CannotQuoteError
          ? trans.__(
              'MLflow cannot search for a name that has both kinds of quotation marks. Leave one of them out.'
            )
          : String(reason)
    };
  }
}
