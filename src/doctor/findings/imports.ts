import type { KernelFacts } from '../../kernel/report';
import type { DoctorInput, Finding, Severity } from '../tokens';
import { conflictsOf, type Conflict } from './conflict-table';
import { __, finding, type Known, line, mlflowVersion } from './finding';
import { isSamePath } from './paths';
import { remediesForMlflow, remediesForPackages } from './remedies';
import { releaseOf } from './versions';

/** The thorough check tried the import, and it failed. */
export function dependencyBroken(known: Known): Finding | null {
  const { facts, input } = known;
  const error = input.imported?.ok === false ? input.imported.error : null;
  if (
    error === null ||
    facts.mlflow.spec !== 'module' ||
    // The conflict says the same, and why.
    conflict(known)?.severity === 'error'
  ) {
    return null;
  }
  return brokenBy(input, error);
}

/**
 * `import mlflow` fails with an error from inside MLflow.
 *
 * @param isWhole - otherwise a part of MLflow was imported: of the whole nothing is known.
 */
export function brokenBy(
  input: DoctorInput,
  error: { type: string; message: string; module: string | null },
  isWhole = true
): Finding {
  const { facts } = input;
  const version = facts === null ? null : mlflowVersion(facts);
  const isRelease = releaseOf(version) !== null;
  return finding(
    'dependency-broken',
    'error',
    error.type === 'ModuleNotFoundError' && error.module !== null
      ? __(
          'MLflow is installed but cannot be imported: it needs the module “%1”, which is missing.',
          error.module
        )
      : error.module !== null
        ? isWhole
          ? __(
              'MLflow is installed but cannot be imported: it does not fit the installed “%1”.',
              error.module
            )
          : __(
              'A part of MLflow cannot be imported: it does not fit the installed “%1”.',
              error.module
            )
        : isWhole
          ? __('MLflow is installed but cannot be imported.')
          : __('A part of MLflow cannot be imported.'),
    [
      `${error.type}: ${error.message}`,
      line('mlflow', version),
      line('sys.prefix', facts?.prefix ?? null)
    ],
    remediesForPackages(input, [isRelease ? `mlflow==${version}` : 'mlflow'], {
      reinstall: true,
      mlflow: true
    })
  );
}

/** Versions that are known not to work together, whether or not it has shown yet. */
export function conflict(known: Known): Finding | null {
  const { facts } = known;
  if (
    facts.mlflow.spec !== 'module' ||
    facts.mlflow.distributions.some(each => each.editable)
  ) {
    return null;
  }
  const found = conflictsOf(mlflowVersion(facts), facts.packages);
  return found.length === 0 ? null : conflictFinding(known, found);
}

function conflictFinding(
  { facts, input }: Known,
  found: ReadonlyArray<Conflict>
): Finding {
  const [first] = found;
  const versions: [string, string, string] = [
    mlflowVersion(facts) ?? '',
    first.package,
    facts.packages[first.package] ?? ''
  ];
  return finding(
    'dependency-conflict',
    severityOf(first, facts),
    first.breaks === 'import'
      ? __('MLflow %1 cannot be imported beside %2 %3.', ...versions)
      : first.breaks === 'database'
        ? __('MLflow %1 cannot use databases beside %2 %3.', ...versions)
        : __('The server of MLflow %1 cannot start beside %2 %3.', ...versions),
    found.map(
      each =>
        `${each.package} ${facts.packages[each.package]} has no ${each.lacks}`
    ),
    remediesForPackages(
      input,
      found.map(({ remedy }) => remedy)
    )
  );
}

function severityOf(first: Conflict, facts: KernelFacts): Severity {
  const { place } = facts.tracking;
  if (first.breaks === 'import') {
    // What was imported before that package changed works until the next start.
    return facts.mlflow.imported === null ? 'error' : 'warning';
  }
  if (place !== null && /^https?:/.test(place)) {
    // Logging to a server needs neither databases nor a server here.
    return 'info';
  }
  const isDatabase =
    place !== null && /^(sqlite|postgresql|mysql|mssql)\b/.test(place);
  return first.breaks === 'database' && isDatabase ? 'error' : 'warning';
}

/** The kernel uses another MLflow than an import would now find. */
export function changedAfterImport({ facts, input }: Known): Finding | null {
  const { imported, spec, origin, distributions } = facts.mlflow;
  if (imported === null || spec === 'error' || spec === 'namespace') {
    return null;
  }
  const evidence = [
    line('mlflow.__version__', imported.version),
    line('mlflow.__file__', imported.file),
    line('installed', mlflowVersion(facts)),
    line('find_spec("mlflow").origin', origin)
  ];
  if (spec === 'none') {
    return finding(
      'changed-after-import',
      'warning',
      __(
        'This kernel still uses an MLflow that its environment does not hold any more.'
      ),
      [...evidence, line("find_spec('mlflow')", String(facts.mlflow.origin))],
      remediesForMlflow(input)
    );
  }
  const installed = mlflowVersion(facts);
  if (
    installed === null ||
    imported.file === null ||
    origin === null ||
    distributions.some(({ editable }) => editable)
  ) {
    return null;
  }
  const isOther =
    imported.version === null
      ? // Not MLflow: a file that has been renamed since.
        !isSamePath(imported.file, origin)
      : releaseOf(imported.version) !== null &&
        releaseOf(installed) !== null &&
        imported.version !== installed &&
        isOwner(facts);
  return isOther
    ? finding(
        'changed-after-import',
        'warning',
        imported.version === null
          ? __(
              'This kernel imported something else as “mlflow” before; MLflow %1 is used from the next start on.',
              installed
            )
          : __(
              'This kernel still uses MLflow %1, although %2 is installed now.',
              imported.version,
              installed
            ),
        evidence,
        [{ kind: 'restart-kernel' }]
      )
    : null;
}

/** Whether the installed package is what an import finds. */
function isOwner(facts: KernelFacts): boolean {
  const { origin, distribution_origin } = facts.mlflow;
  return (
    origin !== null &&
    distribution_origin !== null &&
    isSamePath(origin, distribution_origin)
  );
}
