import type { CellError, DoctorInput, Finding } from '../tokens';
import { __, finding, type Known, knownOf } from './finding';

/** MLflow's own words, the same in all versions. */
const ALREADY_ACTIVE = /^Run with UUID ([\w-]+) is already active\b/;

/** A run that a cell left open: what later cells log goes into it. Null where none is. */
export function openRun(input: DoctorInput): Finding | null {
  const run = knownOf(input)?.facts.active_run ?? null;
  return run === null
    ? null
    : finding(
        'run-open',
        'info',
        __(
          'The run “%1” is still open: what cells log goes into it.',
          run.name ?? run.id
        ),
        [`mlflow.active_run(): ${run.id}`],
        [{ kind: 'end-run', runId: run.id }]
      );
}

/** A cell could not start a run, as another one was open; null for other errors, and once that one has ended. */
export function alreadyActive(
  error: CellError,
  known: Known | null
): Finding | null {
  const id = ALREADY_ACTIVE.exec(error.value)?.[1] ?? null;
  if (id === null || known === null || known.facts.active_run?.id !== id) {
    return null;
  }
  return finding(
    'run-open',
    'error',
    __(
      'A run is open already: end it, or start this one with nested=True to put it below the other.'
    ),
    [`mlflow.active_run(): ${id}`],
    [{ kind: 'end-run', runId: id }]
  );
}
