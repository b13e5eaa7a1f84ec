import type { Experiment } from '../mlflow';

export const SORT_FIELDS = ['name', 'created', 'updated'] as const;
export type SortField = (typeof SORT_FIELDS)[number];

export interface ExperimentSort {
  readonly by: SortField;
  readonly descending: boolean;
}

/** What a person worked with last stands first. */
export const DEFAULT_SORT: ExperimentSort = { by: 'updated', descending: true };

const COLUMNS: Readonly<Record<SortField, string>> = {
  name: 'name',
  created: 'creation_time',
  updated: 'last_update_time'
};

/** The sort in MLflow's words. */
export function orderOf(sort: ExperimentSort): string {
  return `${COLUMNS[sort.by]} ${sort.descending ? 'DESC' : 'ASC'}`;
}

/** The way a field is sorted when it is chosen first: names from A, times from now. */
export function sortBy(field: SortField): ExperimentSort {
  return { by: field, descending: field !== 'name' };
}

/** The time that stands beside a name: what the list is sorted by, else the last change. */
export function timeOf(experiment: Experiment, by: SortField): number | null {
  return by === 'created'
    ? experiment.creationTime
    : (experiment.lastUpdateTime ?? experiment.creationTime);
}

/** Whether the name contains the text, in capitals or not. */
export function matches(experiment: Experiment, search: string): boolean {
  return experiment.name.toLowerCase().includes(search.trim().toLowerCase());
}

/**
 * A filter of the server that lets at least all matching names through.
 *
 * #### Notes
 * MLflow's values have no escape, databases differ in what a backslash means, and SQLite folds ASCII letters only: each
 * such character becomes `_`, which is any one character, so that the answer must be checked once more with `matches`.
 */
export function filterOf(search: string): string {
  const pattern = Array.from(search.trim(), char =>
    /[A-Za-z0-9 .,:;/+\-@#()=<>!?&*]/.test(char) ? char : '_'
  ).join('');
  return pattern === '' ? '' : `name ILIKE '%${pattern}%'`;
}

const compareNames = new Intl.Collator(undefined, { numeric: true }).compare;

/** The experiments that match, in order. Ids decide between equals, so that rows never swap places by themselves. */
export function arrange(
  experiments: ReadonlyArray<Experiment>,
  search: string,
  sort: ExperimentSort
): ReadonlyArray<Experiment> {
  const sign = sort.descending ? -1 : 1;
  return experiments
    .filter(experiment => matches(experiment, search))
    .sort((a, b) => {
      const order =
        sort.by === 'name'
          ? compareNames(a.name, b.name)
          : (timeOf(a, sort.by) ?? 0) - (timeOf(b, sort.by) ?? 0);
      return sign * order || compareNames(b.id, a.id);
    });
}
