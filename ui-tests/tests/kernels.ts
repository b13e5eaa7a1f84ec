import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needed, workFolder } from '../servers';

/** A kernelspec that a test has added. */
export interface AddedKernel {
  /** What a notebook says that it wants this kernel. */
  readonly metadata: object;
  remove(): void;
}

/**
 * Adds a kernelspec to those that a Jupyter server finds.
 *
 * @param options.env - variables of its kernels.
 * @param options.displayName - what people read, if not the name.
 * @param options.server - the folder of the Jupyter server, if it is not the one that tests share.
 */
export function addKernel(
  name: string,
  argv: ReadonlyArray<string>,
  language = 'python',
  options: {
    env?: Record<string, string>;
    server?: string;
    displayName?: string;
  } = {}
): AddedKernel {
  const { env = {}, server = workFolder(), displayName = name } = options;
  const folder = join(server, 'data', 'kernels', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'kernel.json'),
    JSON.stringify({ argv, display_name: displayName, language, env })
  );
  return {
    metadata: { kernelspec: { name, display_name: displayName, language } },
    remove: () => rmSync(folder, { recursive: true, force: true })
  };
}

/** The interpreter of an environment with ipykernel and without MLflow, made once for all tests of a run. */
export function bareEnvironment(): string {
  const folder = join(workFolder(), 'bare');
  if (!existsSync(join(folder, 'done'))) {
    makeEnvironment(folder);
    writeFileSync(join(folder, 'done'), '');
  }
  return join(folder, 'bin', 'python');
}

/** Makes an environment with ipykernel and without MLflow; returns its interpreter. */
export function makeEnvironment(folder: string): string {
  const python = join(folder, 'bin', 'python');
  uv('venv', '--clear', '--python', newestPython(), folder);
  uv('pip', 'install', '--python', python, 'ipykernel');
  return python;
}

/** The words that start a kernel of Bash. */
export function bashKernel(): ReadonlyArray<string> {
  return [newestPython(), '-m', 'bash_kernel', '-f', '{connection_file}'];
}

/** Where tests make environments: apart from the notebooks, whose folders Galata deletes file by file. */
export function environmentsFolder(): string {
  const folder = join(workFolder(), 'environments');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The interpreter with the newest MLflow, which runs Jupyter too. */
export function newestPython(): string {
  return needed('JUPYTER_MLFLOW_TEST_PYTHON_NEWEST');
}

/** The words that start a kernel of Python. */
export function ipykernel(python: string): ReadonlyArray<string> {
  return [python, '-m', 'ipykernel_launcher', '-f', '{connection_file}'];
}

function uv(...words: string[]): void {
  const { status, stderr } = spawnSync(newestPython(), ['-m', 'uv', ...words], {
    encoding: 'utf8'
  });
  if (status !== 0) {
    throw new Error(stderr);
  }
}
