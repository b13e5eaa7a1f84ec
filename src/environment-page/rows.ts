import {
  canInstall,
  canRunKernels,
  type Interpreter,
  type Kernelspec,
  type MachineEnvironments
} from '../environments';
import type { ActiveKernel } from './model';

/** What can be done about a row. */
export type Offer =
  | {
      readonly kind: 'install';
      readonly executable: string;
      readonly prefix: string;
      /** Requirements such as `mlflow==3.1.0`. */
      readonly packages: ReadonlyArray<string>;
    }
  | {
      readonly kind: 'create';
      /** What the new environment is made with. */
      readonly executable: string;
    }
  | {
      readonly kind: 'register';
      readonly executable: string;
      /** It has a kernel, which another one of the same name hides. */
      readonly isHidden: boolean;
    }
  | {
      readonly kind: 'switch';
      readonly kernelName: string;
      /** Of the notebook or console. */
      readonly to: string;
    }
  | { readonly kind: 'repair'; readonly kernelName: string }
  | {
      readonly kind: 'remove-kernel';
      readonly kernelName: string;
      readonly resourceDir: string;
    }
  | { readonly kind: 'remove-environment'; readonly prefix: string }
  | {
      readonly kind: 'terminal';
      readonly executable: string;
      readonly prefix: string;
      readonly conda: boolean;
    }
  | {
      readonly kind: 'commands';
      /** Null for the commands of a kernelspec whose interpreter is not known. */
      readonly interpreter: Interpreter | null;
      readonly of: ReadonlyArray<Offer>;
      /** What mends something can be done in no other way, for jobs are turned off. */
      readonly isInstead: boolean;
    };

/** A Python, its kernels, and what can be done with it, the best first. */
export interface InterpreterRow {
  readonly interpreter: Interpreter;
  readonly kernels: ReadonlyArray<Kernelspec>;
  readonly isActive: boolean;
  readonly offers: ReadonlyArray<Offer>;
}

/** A kernelspec, the environment that it starts, and what can be done with it, the best first. */
export interface KernelspecRow {
  readonly spec: Kernelspec;
  /** Null where it is not in the list, such as for other languages. */
  readonly environment: {
    readonly name: string;
    readonly prefix: string;
  } | null;
  readonly isActive: boolean;
  readonly offers: ReadonlyArray<Offer>;
}

/** What rows are made of beside the machine. */
export interface RowsGiven {
  readonly active: ActiveKernel | null;
  /** What to install where MLflow is missing. */
  readonly requirements: ReadonlyArray<string>;
}

/** What a kernel behind a gateway has nothing of: it is about files of this machine. */
const FOR_KERNELS_HERE: ReadonlySet<Offer['kind']> = new Set([
  'create',
  'install',
  'register',
  'repair',
  'remove-kernel'
] as const);

/** Jobs, which an administrator can turn off. */
const JOBS: ReadonlySet<Offer['kind']> = new Set([
  'create',
  'install',
  'register',
  'repair',
  'remove-kernel',
  'remove-environment'
] as const);

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}

/** Whether a kernel starts, as far as that can be known. */
function starts({ problem }: Kernelspec): boolean {
  return problem === null || problem === 'bare-python';
}

function isPython({ language }: Kernelspec): boolean {
  return language.toLowerCase() === 'python';
}

/** The kernelspecs that start an interpreter. Two of one name may start two. */
function kernelsOf(
  interpreter: Interpreter,
  specs: ReadonlyArray<Kernelspec>
): ReadonlyArray<Kernelspec> {
  const named = specs.filter(({ name }) =>
    interpreter.kernelspecs.includes(name)
  );
  return named.filter(
    spec =>
      spec.prefix === interpreter.prefix ||
      named.filter(({ name }) => name === spec.name).length === 1
  );
}

/** Jobs only where they are allowed; what is left of the others is to type them. */
function allowed(
  offers: ReadonlyArray<Offer>,
  jobs: boolean,
  interpreter: Interpreter | null
): ReadonlyArray<Offer> {
  const done = offers.filter(({ kind }) => JOBS.has(kind));
  const destroys = (kind: Offer['kind']) => kind.startsWith('remove-');
  const isInstead = !jobs && done.some(({ kind }) => !destroys(kind));
  const commands: ReadonlyArray<Offer> =
    done.length > 0 || interpreter !== null
      ? [{ kind: 'commands', interpreter, of: done, isInstead }]
      : [];
  const shown = jobs ? offers : offers.filter(({ kind }) => !JOBS.has(kind));
  return [
    ...shown.filter(({ kind }) => !destroys(kind)),
    ...commands,
    ...shown.filter(({ kind }) => destroys(kind))
  ];
}

/** Those that reach a kernel, wherever kernels run. */
function reaching(
  offers: ReadonlyArray<Offer>,
  { reach }: MachineEnvironments
): ReadonlyArray<Offer> {
  return reach === 'local'
    ? offers
    : offers.filter(({ kind }) => !FOR_KERNELS_HERE.has(kind));
}

function switchTo(
  kernels: ReadonlyArray<Kernelspec>,
  active: ActiveKernel | null
): ReadonlyArray<Offer> {
  const spec = kernels.find(each => starts(each) && isPython(each));
  return spec &&
    active !== null &&
    !kernels.some(({ name }) => name === active.kernelName)
    ? [{ kind: 'switch', kernelName: spec.name, to: active.name }]
    : [];
}

/** The packages that make a whole MLflow of what is there. */
function wanted(
  { mlflow, distribution }: Interpreter,
  requirements: ReadonlyArray<string>
): ReadonlyArray<string> {
  return mlflow === null
    ? requirements
    : distribution === 'mlflow'
      ? []
      : [`mlflow==${mlflow}`];
}

function interpreterRow(
  interpreter: Interpreter,
  machine: MachineEnvironments,
  given: RowsGiven
): InterpreterRow {
  const { executable, prefix, conda, kind } = interpreter;
  const kernels = kernelsOf(interpreter, machine.kernelspecs);
  const packages = wanted(interpreter, given.requirements);
  const isShared = kind === 'system';
  const offers: ReadonlyArray<Offer> = [
    // Better than to change what everything on the machine uses.
    ...(isShared && interpreter.problem === null
      ? [{ kind: 'create', executable } as const]
      : []),
    ...(packages.length > 0 && canInstall(interpreter)
      ? [{ kind: 'install', executable, prefix, packages } as const]
      : []),
    ...(canRunKernels(interpreter) && !kernels.some(starts)
      ? [
          {
            kind: 'register',
            executable,
            isHidden: kernels.some(({ problem }) => problem === 'shadowed')
          } as const
        ]
      : []),
    ...switchTo(kernels, given.active),
    // An installed Python is on the PATH already, or has no name of its own there.
    ...(interpreter.problem === null && !isShared
      ? [{ kind: 'terminal', executable, prefix, conda } as const]
      : []),
    ...(interpreter.removable
      ? [{ kind: 'remove-environment', prefix } as const]
      : [])
  ];
  return {
    interpreter,
    kernels,
    isActive: given.active?.prefix === prefix,
    offers: allowed(
      reaching(offers, machine),
      machine.jobs,
      interpreter.problem === null && machine.reach === 'local'
        ? interpreter
        : null
    )
  };
}

function kernelspecRow(
  spec: Kernelspec,
  machine: MachineEnvironments,
  given: RowsGiven
): KernelspecRow {
  const { name, problem, executable, resource_dir, removable } = spec;
  const interpreter =
    machine.interpreters.find(each => each.prefix === spec.prefix) ?? null;
  const isBroken = problem === 'broken-json';
  const isOurs = isPython(spec) || isBroken;
  const isHidden = problem === 'shadowed';
  const offers: ReadonlyArray<Offer> = [
    ...(isHidden && executable !== null && isOurs
      ? [{ kind: 'register', executable, isHidden } as const]
      : []),
    // Its environment may be mended although its kernel.json must stay as it is.
    ...(problem !== null &&
    !isHidden &&
    (removable || problem === 'no-ipykernel')
      ? [{ kind: 'repair', kernelName: name } as const]
      : []),
    ...switchTo([spec], given.active),
    ...(removable && isOurs
      ? [
          {
            kind: 'remove-kernel',
            kernelName: name,
            resourceDir: resource_dir
          } as const
        ]
      : [])
  ];
  return {
    spec,
    environment:
      spec.prefix === null
        ? null
        : { name: nameOf(spec.prefix), prefix: spec.prefix },
    isActive: !isHidden && given.active?.kernelName === name,
    offers: isOurs
      ? allowed(reaching(offers, machine), machine.jobs, interpreter)
      : []
  };
}

/** How useful an environment is for MLflow. */
function merit({ interpreter, isActive }: InterpreterRow): number {
  const { problem, mlflow, ipykernel } = interpreter;
  return [isActive, problem === null, mlflow !== null, ipykernel !== null]
    .map(Number)
    .reduce((sum, each) => 2 * sum + each, 0);
}

/** Kernels of Python before others. */
function group({ spec }: KernelspecRow): number {
  return isPython(spec) || spec.problem === 'broken-json' ? 0 : 1;
}

/** Whether it is there to make environments with, and has nothing of its own. */
export function isPlain({ interpreter, kernels }: InterpreterRow): boolean {
  const { kind, mlflow, ipykernel, runs_jupyter } = interpreter;
  return (
    kind === 'system' &&
    mlflow === null &&
    ipykernel === null &&
    kernels.length === 0 &&
    !runs_jupyter
  );
}

/** The rows of the page: environments, the most useful first; kernels by their names, those of Python first. */
export function rowsOf(
  machine: MachineEnvironments,
  given: RowsGiven
): {
  readonly interpreters: ReadonlyArray<InterpreterRow>;
  readonly kernelspecs: ReadonlyArray<KernelspecRow>;
} {
  return {
    interpreters: machine.interpreters
      .map(each => interpreterRow(each, machine, given))
      .sort(
        (a, b) =>
          merit(b) - merit(a) ||
          a.interpreter.prefix.localeCompare(b.interpreter.prefix, undefined, {
            numeric: true
          })
      ),
    kernelspecs: machine.kernelspecs
      .map(each => kernelspecRow(each, machine, given))
      .sort(
        (a, b) =>
          group(a) - group(b) ||
          a.spec.display_name.localeCompare(b.spec.display_name)
      )
  };
}
