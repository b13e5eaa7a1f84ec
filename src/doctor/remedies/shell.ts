import type { KernelFacts } from '../../kernel/report';
import { nameOf, prefixOfProgram } from '../findings/paths';
import type { Remedy } from '../tokens';
import { creationCommands } from './creation';
import {
  both,
  cellWord,
  type Commands,
  freeName,
  type Line,
  registration,
  unixLines,
  unixWord,
  windowsLines,
  windowsWord
} from './shell-words';

/** What commands must know of an environment. */
export type ShellFacts = Pick<KernelFacts, 'executable' | 'prefix' | 'conda'> &
  Partial<
    Pick<
      KernelFacts,
      'base_prefix' | 'pip' | 'uv' | 'externally_managed' | 'platform'
    >
  >;

/** Where a kernel runs, for what is typed into its cells: beside Jupyter, or on another machine. */
export type CellPlace = 'here' | 'elsewhere';

/** Of a new environment and its kernel. */
const NEW_NAME = 'mlflow_venv';
/** To be replaced by the person: what they want to have is theirs to say. */
const SOME_PACKAGE = 'name-of-package';
/** To be replaced by the person: nobody else knows which interpreter is meant. */
const SOME_PYTHON = {
  unix: 'path/to/environment/bin/python',
  windows: 'path\\to\\environment\\Scripts\\python.exe'
};

/**
 * What to type; null where there is nothing that a shell could do.
 *
 * @param facts - of the kernel or interpreter.
 * @param kernels - names of the kernels that there are.
 * @param place - of the kernel whose cells can do it, too; null where there is none.
 */
export function commandsOf(
  remedy: Remedy,
  facts: ShellFacts | null,
  kernels: ReadonlyArray<string> = [],
  place: CellPlace | null = null
): Commands | null {
  const python = facts?.executable ?? 'python';
  switch (remedy.kind) {
    case 'install':
      return installation(python, facts, remedy, place, kernels);
    case 'create-environment': {
      const { mlflow, packages } = remedy;
      const name = freeName(NEW_NAME, kernels);
      return creationCommands({ name, mlflow, packages }, kernels);
    }
    case 'register-kernel':
      return both(
        [remedy.executable, '-m', 'pip', 'install', 'ipykernel'],
        registration(
          remedy.executable,
          freeName(
            nameOf(prefixOfProgram(remedy.executable) ?? 'python'),
            kernels
          )
        )
      );
    case 'remove-kernel':
      return both(['jupyter', 'kernelspec', 'remove', remedy.kernelName]);
    case 'repair-kernel': {
      // Here the name is to stay, and what has it is to be replaced.
      const lines = (some: string): ReadonlyArray<Line> => [
        ['jupyter', 'kernelspec', 'list'],
        registration(facts?.executable ?? some, remedy.kernelName)
      ];
      return {
        unix: unixLines(lines(SOME_PYTHON.unix)),
        windows: windowsLines(lines(SOME_PYTHON.windows))
      };
    }
    case 'check-thoroughly':
      return both([python, '-c', 'import mlflow']);
    case 'open-terminal':
      return facts && activation(facts);
    case 'show-commands':
      // Those of `others` are groups of their own.
      return commandsOf(remedy.of, facts, kernels, place);
    default:
      return null;
  }
}

type Place = Pick<ShellFacts, 'prefix' | 'conda' | 'base_prefix'>;

/** What makes a POSIX shell use the environment. */
export function activateLine({
  prefix,
  conda,
  base_prefix: base
}: Place): string {
  return conda
    ? `conda activate ${unixWord(prefix)}`
    : base === prefix
      ? // A Python that is no environment has nothing to activate.
        `export PATH=${unixWord(`${prefix}/bin`)}:"$PATH"`
      : `source ${unixWord(`${prefix}/bin/activate`)}`;
}

function activation(place: Place): Commands {
  const { prefix, conda, base_prefix: base } = place;
  const windows = conda
    ? `conda activate ${windowsWord(prefix)}`
    : base === prefix
      ? `$env:PATH = ${windowsWord(`${prefix};${prefix}\\Scripts;`)} + $env:PATH`
      : `& ${windowsWord(`${prefix}\\Scripts\\Activate.ps1`)}`;
  return { unix: [activateLine(place)], windows: [windows] };
}

function installation(
  python: string,
  facts: ShellFacts | null,
  remedy: Remedy & { kind: 'install' },
  place: CellPlace | null,
  kernels: ReadonlyArray<string>
): Commands {
  const packages =
    remedy.packages.length === 0 ? [SOME_PACKAGE] : remedy.packages;
  const wanted = { ...remedy, packages };
  // Elsewhere there is no shell of the person's.
  const typed =
    place === 'elsewhere'
      ? both()
      : both(...installLines(python, facts, wanted));
  const isRefused = facts?.externally_managed === true;
  return {
    ...typed,
    cell:
      place === null || (isRefused && place === 'here')
        ? null
        : isRefused
          ? newEnvironmentLines(facts, packages, freeName(NEW_NAME, kernels))
          : cellLines(facts, wanted)
  };
}

function installLines(
  python: string,
  facts: ShellFacts | null,
  { packages, reinstall }: Remedy & { kind: 'install' }
): ReadonlyArray<Line> {
  if (facts?.pip === false && facts.uv === true) {
    const uv = ['uv', 'pip', 'install', '--python', python];
    return [[...uv, ...(reinstall ? ['--reinstall'] : []), ...packages]];
  }
  const pip = [python, '-m', 'pip', 'install'];
  return [
    ...(facts?.pip === false ? [[python, '-m', 'ensurepip']] : []),
    // What the metadata say is there is brought again; then what is missing.
    ...(reinstall
      ? [[...pip, '--force-reinstall', '--no-deps', ...packages]]
      : []),
    [...pip, ...packages]
  ];
}

/** The same for a cell: `%pip` is the pip of the kernel's own interpreter. */
function cellLines(
  facts: ShellFacts | null,
  { packages, reinstall }: Remedy & { kind: 'install' }
): ReadonlyArray<string> {
  const wanted = packages.map(cellWord).join(' ');
  if (facts?.pip === false && facts.uv === true) {
    return [
      'import sys',
      `!uv pip install --python "{sys.executable}" ${reinstall ? '--reinstall ' : ''}${wanted}`
    ];
  }
  return [
    ...(facts?.pip === false
      ? ['import sys', '!"{sys.executable}" -m ensurepip']
      : []),
    ...(reinstall
      ? [`%pip install --force-reinstall --no-deps ${wanted}`]
      : []),
    `%pip install ${wanted}`
  ];
}

/** For a cell of a kernel whose own environment pip refuses to change: one beside it, with a kernel, in the person's folder there. */
function newEnvironmentLines(
  facts: ShellFacts,
  packages: ReadonlyArray<string>,
  name: string
): ReadonlyArray<string> {
  const inside =
    facts.platform === 'win32' ? 'Scripts\\python.exe' : 'bin/python';
  const path = facts.platform === 'win32' ? `~\\${name}` : `~/${name}`;
  const wanted = [
    ...packages,
    ...(packages.includes('ipykernel') ? [] : ['ipykernel'])
  ]
    .map(cellWord)
    .join(' ');
  const python = `"{folder}${facts.platform === 'win32' ? '\\' : '/'}${inside}"`;
  return [
    'import os, sys',
    `folder = os.path.expanduser(r"${path}")`,
    ...(facts.uv
      ? [
          '!uv venv --python "{sys.executable}" "{folder}"',
          `!uv pip install --python ${python} ${wanted}`
        ]
      : [
          '!"{sys.executable}" -m venv "{folder}"',
          `!${python} -m pip install ${wanted}`
        ]),
    `!${python} -m ipykernel install --user --name ${name} --display-name "Python (${name})"`
  ];
}
