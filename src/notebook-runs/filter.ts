import { quoteKey, quoteValue } from '../mlflow/filter';

/** What tells the runs of a notebook from others: its id in Jupyter's record, or where that is not known, its path. */
export type NotebookKey =
  | { readonly by: 'id'; readonly value: string }
  | { readonly by: 'path'; readonly value: string };

const TAGS = {
  id: 'jupyter.notebook_id',
  path: 'jupyter.notebook_path'
} as const;

/**
 * The runs of a notebook, in MLflow's grammar.
 *
 * @throws CannotQuoteError for a path with both kinds of quotation marks.
 */
export function filterOf(key: NotebookKey): string {
  return `tags.${quoteKey(TAGS[key.by])} = ${quoteValue(key.value)}`;
}
