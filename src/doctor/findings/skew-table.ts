import { isBetween, releaseOf, compareReleases } from './versions';

/** What a newer kernel asks of a server that an older one does not have. */
export interface Skew {
  readonly what: 'models' | 'datasets' | 'traces';
  /** The release that brought it, to kernel and server alike. */
  readonly since: string;
  /** What fails in a cell. */
  readonly calls: string;
}

/**
 * Tried with MLflow 2.3.2, 2.22.2, 3.0.1 and 3.17.2, each as kernel and as server: the server answers 404, and the call
 * fails. Everything else that kernels log works on all of them, also from kernels that are older than their server.
 */
const TABLE: ReadonlyArray<Skew> = [
  {
    what: 'models',
    since: '3.0',
    calls: 'log_model(), register_model(), search_logged_models()'
  },
  { what: 'datasets', since: '2.4', calls: 'log_input()' },
  { what: 'traces', since: '2.14', calls: 'start_span(), trace()' }
];

/** What certainly fails between these versions, the worst first; nothing where one is no release. */
export function skewsOf(
  kernel: string | null,
  server: string | null
): ReadonlyArray<Skew> {
  const theirs = releaseOf(server);
  return theirs === null
    ? []
    : TABLE.filter(
        ({ since }) =>
          isBetween(kernel, since, null) &&
          compareReleases(theirs, releaseOf(since) ?? []) < 0
      );
}
