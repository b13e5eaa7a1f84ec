import type { CellError, DoctorInput, Finding } from '../tokens';
import { conflictsOf } from './conflict-table';
import {
  __,
  finding,
  type Known,
  knownOf,
  line,
  mlflowVersion
} from './finding';
import { brokenBy, conflict } from './imports';
import { isWithoutLogin, withoutLogin } from './logging';
import { missing, shadowed } from './missing';
import { alreadyActive } from './open-run';
import { packageOf as knownPackage } from './packages';
import { skinny } from './places';
import { withCommands } from './by-hand';
import { within } from './reach';
import {
  remediesForMlflow,
  remediesForPackages,
  remediesForUnknown
} from './remedies';

/** Of an error's text; MLflow's own module is in the second group. */
const NO_MODULE = /^No module named '?([\w.]+)'?/;

/** The outermost module that a cell missed; null for other errors. */
export function missingModule(error: CellError): string | null {
  const found =
    error.name === 'ModuleNotFoundError' ? NO_MODULE.exec(error.value) : null;
  return found ? found[1].split('.')[0] : null;
}

/** Why MLflow itself could not be imported, in the words of the error; null for other errors. */
export function failedImport(error: CellError): string | null {
  return ['ImportError', 'ModuleNotFoundError'].includes(error.name) &&
    isWhileImporting(error, true)
    ? textOf(error)
    : null;
}

/**
 * What an exception of a cell means, and what helps; null where it is none of ours, or where its cause is gone.
 *
 * @param packageOf - the package that brings a module, null where that is not certain.
 */
export function diagnoseError(
  error: CellError,
  input: DoctorInput,
  packageOf: (module: string) => string | null = knownPackage
): Finding | null {
  const found = ofError(error, input, packageOf);
  return found && within(withCommands(found), input);
}

function ofError(
  error: CellError,
  input: DoctorInput,
  packageOf: (module: string) => string | null
): Finding | null {
  const known = knownOf(input);
  switch (error.name) {
    case 'ModuleNotFoundError':
      return ofMissingModule(error, input, known, packageOf);
    case 'ImportError':
      return ofImport(error, input, known);
    case 'AttributeError':
      return /module 'mlflow' has no attribute/.test(error.value)
        ? notMlflow(known)
        : null;
    case 'Exception':
      return alreadyActive(error, known);
    case 'MlflowException':
    case 'RestException':
      return known !== null &&
        /error code 401\b|\b401 Client Error/.test(error.value) &&
        isWithoutLogin(known)
        ? withoutLogin(known, 'error')
        : null;
    default:
      return null;
  }
}

function ofMissingModule(
  error: CellError,
  input: DoctorInput,
  known: Known | null,
  packageOf: (module: string) => string | null
): Finding | null {
  const found = NO_MODULE.exec(error.value);
  const module = missingModule(error);
  if (found === null || module === null) {
    return null;
  }
  if (module !== 'mlflow') {
    return isWhileImporting(error, true)
      ? broken(error, module, input, known)
      : otherModule(error, module, input, packageOf(module));
  }
  if (found[1] === 'mlflow') {
    // Where the kernel says that it is there now, the cause is gone.
    return known !== null && known.facts.mlflow.spec !== 'error'
      ? missing(known)
      : unknownCause(error, input);
  }
  return notMlflow(known) ?? submodule(error, found[1], known);
}

/** The kernel did not say why: that the import failed is certain. */
function unknownCause(error: CellError, input: DoctorInput): Finding {
  return finding(
    'package-missing',
    'error',
    __('MLflow is not installed in the environment of this kernel.'),
    [textOf(error)],
    remediesForMlflow(input)
  );
}

/** Something else is taken for MLflow. */
function notMlflow(known: Known | null): Finding | null {
  if (known === null) {
    return null;
  }
  const tracing = skinny(known);
  return (
    missing(known) ??
    shadowed(known) ??
    (tracing?.severity === 'warning' ? tracing : null)
  );
}

function submodule(
  error: CellError,
  module: string,
  known: Known | null
): Finding {
  const version = known === null ? null : mlflowVersion(known.facts);
  return finding(
    'module-missing',
    'error',
    version === null
      ? __('The MLflow of this kernel has no module “%1”.', module)
      : __('MLflow %1 of this kernel has no module “%2”.', version, module),
    [textOf(error), line('mlflow', version)],
    [{ kind: 'create-environment', mlflow: null, packages: [] }]
  );
}

function otherModule(
  error: CellError,
  module: string,
  input: DoctorInput,
  name: string | null
): Finding | null {
  const facts = knownOf(input)?.facts ?? null;
  if (
    facts?.modules[module] === true ||
    (name !== null && facts?.packages[name])
  ) {
    // It is there by now.
    return null;
  }
  return finding(
    'module-missing',
    'error',
    // Of a part that is missing, the whole may be there.
    __(
      '“%1” is not in this kernel’s environment.',
      NO_MODULE.exec(error.value)?.[1] ?? module
    ),
    [textOf(error), line('sys.prefix', input.facts?.prefix ?? null)],
    name === null
      ? remediesForUnknown(input, module)
      : remediesForPackages(input, [name], { module })
  );
}

function ofImport(
  error: CellError,
  input: DoctorInput,
  known: Known | null
): Finding | null {
  const from = /from '([\w.]+)'/.exec(error.value);
  const module = from ? from[1].split('.')[0] : null;
  if (module === 'mlflow' && !isWhileImporting(error, false)) {
    const name = /cannot import name '(\w+)'/.exec(error.value);
    return (
      notMlflow(known) ??
      (name && from && known?.facts.mlflow.spec === 'module'
        ? submodule(error, `${from[1]}.${name[1]}`, known)
        : null)
    );
  }
  return isWhileImporting(error, false)
    ? broken(error, module, input, known)
    : null;
}

/** MLflow's own import failed: by versions that are known not to fit, or by something else. */
function broken(
  error: CellError,
  module: string | null,
  input: DoctorInput,
  known: Known | null
): Finding {
  const byVersions = known === null ? null : conflict(known);
  const conflicts =
    known === null
      ? []
      : conflictsOf(mlflowVersion(known.facts), known.facts.packages);
  if (
    byVersions !== null &&
    conflicts.some(({ lacks }) =>
      error.value.includes(lacks.split('.').at(-1) ?? lacks)
    )
  ) {
    return { ...byVersions, severity: 'error' };
  }
  const isWhole = isWhileImporting(error, true);
  return isWhole && input.imported?.ok === true
    ? onlyInThisProcess(error, input)
    : brokenBy(
        input,
        { type: error.name, message: plain(error.value), module },
        isWhole
      );
}

/** Another process of the same environment can import MLflow. */
function onlyInThisProcess(error: CellError, input: DoctorInput): Finding {
  return finding(
    'changed-after-import',
    'error',
    __(
      'MLflow can be imported by a new process, but not by this one, which has other versions of packages in memory.'
    ),
    [textOf(error), line('sys.prefix', input.facts?.prefix ?? null)],
    [{ kind: 'restart-kernel' }]
  );
}

/**
 * Whether a module of MLflow was being imported: a frame outside of any function, in a folder of packages.
 *
 * @param whole - MLflow itself, not one of its flavours, which need packages that are the person's choice.
 */
function isWhileImporting(error: CellError, whole: boolean): boolean {
  const frame = whole
    ? /(?:site|dist)-packages[\\/]mlflow[\\/]__init__\.py(?::\d+\s*$|", line \d+, in <module>)/m
    : /(?:site|dist)-packages[\\/]mlflow[\\/].*\.py(?::\d+\s*$|", line \d+, in <module>)/m;
  return frame.test(error.traceback.map(plain).join('\n'));
}

function textOf(error: CellError): string {
  return `${error.name}: ${plain(error.value)}`;
}

/** Without the colours of terminals. */
function plain(text: string): string {
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}
