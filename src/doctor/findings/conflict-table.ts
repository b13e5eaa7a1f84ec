import { TABLE } from './conflicts.generated';
import { isBetween } from './versions';

/** Releases that were tried together, and what does not work then. */
export interface Conflict {
  /** MLflow from, and before. */
  readonly mlflow: readonly [string, string];
  readonly package: string;
  /** The releases of that package, from, and before; null is all that came since. */
  readonly versions: readonly [string, string | null];
  /** What fails: everything, the stores in databases, or MLflow's server. */
  readonly breaks: 'import' | 'database' | 'server';
  /** What that package no longer has. */
  readonly lacks: string;
  /** A requirement that heals it. */
  readonly remedy: string;
  /** Only beside releases of a second package. */
  readonly beside?: readonly [string, string, string];
}

/** What kernels and the Jupyter server know as well: kernel/magics/conflicts.py. */
export interface MlflowTable {
  /** Each row was tried: MLflow's wheels, imported beside these packages. */
  readonly conflicts: ReadonlyArray<Conflict>;
  /** Pythons that packages of an old MLflow's time were built for, from, and before. */
  readonly pythons: ReadonlyArray<{
    readonly mlflow: readonly [string, string];
    readonly python: readonly [string, string];
  }>;
}

/** The conflicts between what is installed; a version that is not known is in none. */
export function conflictsOf(
  mlflow: string | null,
  packages: Readonly<Record<string, string | null>>
): ReadonlyArray<Conflict> {
  return TABLE.conflicts.filter(
    conflict =>
      isBetween(mlflow, ...conflict.mlflow) &&
      isBetween(packages[conflict.package] ?? null, ...conflict.versions) &&
      (conflict.beside === undefined ||
        isBetween(
          packages[conflict.beside[0]] ?? null,
          conflict.beside[1],
          conflict.beside[2]
        ))
  );
}

/** What an installer must be told so that it does not choose what does not work beside this MLflow. */
export function boundsFor(mlflow: string | null): ReadonlyArray<string> {
  return TABLE.conflicts
    .filter(({ mlflow: range }) => isBetween(mlflow, ...range))
    .map(({ remedy }) => remedy);
}

/** The Pythons for an old MLflow, from, and before; null where newer ones do. */
export function pythonsFor(
  mlflow: string | null
): readonly [string, string] | null {
  return (
    TABLE.pythons.find(({ mlflow: range }) => isBetween(mlflow, ...range))
      ?.python ?? null
  );
}
