import type { KernelFacts } from '../../kernel/report';
import { pythonsFor } from '../findings/conflict-table';
import { nameOf, prefixOfProgram } from '../findings/paths';
import { mlflowRequirements } from '../findings/remedies';
import type { Remedy } from '../tokens';

/** Commands that do by hand what a remedy does, for two kinds of shells. */
export interface Commands {
  readonly unix: ReadonlyArray<string>;
  readonly windows: ReadonlyArray<string>;
}

/** What commands must know of an environment. */
export type ShellFacts = Pick<KernelFacts, 'executable' | 'prefix' | 'conda'> &
  Partial<Pick<KernelFacts, 'base_prefix' | 'pip' | 'uv'>>;

/** Of a new environment and its kernel. */
const NEW_NAME = 'mlflow_venv';
/** To be replaced by the person: nobody else knows which interpreter is meant. */
const SOME_PYTHON = {
  unix: 'path/to/environment/bin/python',
  windows: 'path\\to\\environment\\Scripts\\python.exe'
};

/** One word for a POSIX shell. */
export function unixWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text)
    ? text
    : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** One word for PowerShell, which takes typographic quotes for quotes, too. */
export function windowsWord(text: string): string {
  return /^[\w:\\./=-]+$/.test(text)
    ? text
    : `'${text.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`;
}

type Line = ReadonlyArray<string>;

function both(...lines: ReadonlyArray<Line>): Commands {
  return { unix: unixLines(lines), windows: windowsLines(lines) };
}

function unixLines(lines: ReadonlyArray<Line>): string[] {
  return lines.map(words => words.map(unixWord).join(' '));
}

function windowsLines(lines: ReadonlyArray<Line>): string[] {
  // "&": PowerShell takes a quoted path for a text otherwise.
  return lines.map(words => `& ${words.map(windowsWord).join(' ')}`);
}

/** A name that no kernel has: Jupyter would replace the one that has it without a word. */
export function freeName(wanted: string, taken: ReadonlyArray<string>): string {
  // What Jupyter takes for a name, and how it writes it.
  const name =
    wanted
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'python';
  const names = new Set(taken.map(each => each.toLowerCase()));
  let free = name;
  for (let count = 2; names.has(free); count++) {
    free = `${name}_${count}`;
  }
  return free;
}

/**
 * What to type; null where there is nothing that a shell could do.
 *
 * @param facts - of the kernel or interpreter.
 * @param kernels - names of the kernels that there are.
 */
export function commandsOf(
  remedy: Remedy,
  facts: ShellFacts | null,
  kernels: ReadonlyArray<string> = []
): Commands | null {
  const python = facts?.executable ?? 'python';
  switch (remedy.kind) {
    case 'install':
      return both(...installLines(python, facts, remedy));
    case 'create-environment':
      return creation(remedy, freeName(NEW_NAME, kernels));
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
      return commandsOf(remedy.of, facts, kernels);
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

function creation(
  { mlflow, packages }: Remedy & { kind: 'create-environment' },
  name: string
): Commands {
  const wanted = [
    ...mlflowRequirements(mlflow),
    'ipykernel',
    ...packages.filter(each => each !== 'mlflow' && each !== 'ipykernel')
  ];
  const rest = (python: string): ReadonlyArray<Line> => [
    [python, '-m', 'pip', 'install', ...wanted],
    registration(python, name)
  ];
  const end = pythonsFor(mlflow)?.[1].split('.').at(1);
  // The newest that packages of that time were built for.
  const version = end === undefined ? null : `3.${Number(end) - 1}`;
  return {
    unix: unixLines([
      [`python${version ?? '3'}`, '-m', 'venv', name],
      ...rest(`${name}/bin/python`)
    ]),
    windows: [
      `py ${version === null ? '' : `-${version} `}-m venv ${windowsWord(name)}`,
      ...windowsLines(rest(`${name}\\Scripts\\python.exe`))
    ]
  };
}

function registration(python: string, name: string): Line {
  return [
    python,
    '-m',
    'ipykernel',
    'install',
    '--user',
    '--name',
    name,
    '--display-name',
    `Python (${name})`
  ];
}
