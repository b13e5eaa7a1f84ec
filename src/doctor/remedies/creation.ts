import { pythonsFor } from '../findings/conflict-table';
import { mlflowRequirements } from '../findings/remedies';
import {
  type Commands,
  freeName,
  type Line,
  registration,
  unixLines,
  windowsLines
} from './shell-words';

/** A new environment with MLflow and a kernel. */
export interface NewEnvironment {
  readonly name: string;
  /** In which its own folder is made; not given: where the commands are typed. */
  readonly folder?: string;
  /** Path of the interpreter that it is made with; not given: one that fits. */
  readonly python?: string;
  /** Null: the newest. */
  readonly mlflow: string | null;
  readonly packages: ReadonlyArray<string>;
  /** Path of a requirements file. */
  readonly requirements?: string;
}

/** What is typed to have uv; null where there is none. */
export type UvCommand = ReadonlyArray<string> | null;

type Shell = 'unix' | 'windows';

/**
 * What is typed to make an environment: the folder, what is in it, and its kernel.
 *
 * @param kernels - names of the kernels that there are.
 */
export function creationCommands(
  wanted: NewEnvironment,
  kernels: ReadonlyArray<string>,
  uv: UvCommand = null
): Commands {
  const lines = (shell: Shell): ReadonlyArray<Line> => {
    const folder = folderFor(shell, wanted);
    const inside =
      shell === 'unix'
        ? `${folder}/bin/python`
        : `${folder}\\Scripts\\python.exe`;
    const packages = [
      ...mlflowRequirements(wanted.mlflow),
      'ipykernel',
      ...wanted.packages.filter(
        each => each !== 'mlflow' && each !== 'ipykernel'
      ),
      ...(wanted.requirements === undefined ? [] : ['-r', wanted.requirements])
    ];
    const python = ownPython(shell, wanted);
    const version = fittingVersion(wanted.mlflow);
    const tool = uv && uvFor(shell, uv);
    const begin: ReadonlyArray<Line> =
      tool === null
        ? [
            [
              ...(python === null ? anyPython(shell, version) : [python]),
              '-m',
              'venv',
              folder
            ],
            [inside, '-m', 'pip', 'install', ...packages]
          ]
        : [
            [
              ...tool,
              'venv',
              ...optionally('--python', python ?? version),
              folder
            ],
            [...tool, 'pip', 'install', '--python', inside, ...packages]
          ];
    return [...begin, registration(inside, freeName(wanted.name, kernels))];
  };
  return {
    unix: unixLines(lines('unix')),
    windows: windowsLines(lines('windows'))
  };
}

function optionally(option: string, value: string | null): Line {
  return value === null ? [] : [option, value];
}

function isWindowsPath(path: string): boolean {
  return /^([A-Za-z]:|\\\\)/.test(path);
}

/** Of another system's folders a shell can make nothing: the environment is then made where one types. */
function folderFor(shell: Shell, { folder, name }: NewEnvironment): string {
  const isAbsolute =
    folder !== undefined && (folder.startsWith('/') || isWindowsPath(folder));
  if (
    folder === undefined ||
    (isAbsolute && isWindowsPath(folder) !== (shell === 'windows'))
  ) {
    return name;
  }
  const parent = folder.replace(/[\\/]+$/, '');
  return shell === 'unix'
    ? `${parent}/${name}`
    : `${parent.replaceAll('/', '\\')}\\${name}`;
}

function uvFor(shell: Shell, uv: ReadonlyArray<string>): ReadonlyArray<string> {
  const isPath = /[\\/]/.test(uv[0]);
  return isPath && isWindowsPath(uv[0]) !== (shell === 'windows') ? ['uv'] : uv;
}

function ownPython(shell: Shell, { python }: NewEnvironment): string | null {
  return python !== undefined && isWindowsPath(python) === (shell === 'windows')
    ? python
    : null;
}

function anyPython(shell: Shell, version: string | null): Line {
  return shell === 'unix'
    ? [`python${version ?? '3'}`]
    : ['py', ...(version === null ? [] : [`-${version}`])];
}

/** The newest Python that packages of an old MLflow's time were built for; null where any does. */
function fittingVersion(mlflow: string | null): string | null {
  const end = pythonsFor(mlflow)?.[1].split('.').at(1);
  return end === undefined ? null : `3.${Number(end) - 1}`;
}
