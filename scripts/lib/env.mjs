// Virtual environments in .envs/, each keyed by what stands in it, so that a second start has nothing to do.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { envs, hashOf, isWindows, root } from './paths.mjs';
import { askPython } from './python.mjs';
import { run } from './run.mjs';
import { Trouble } from './trouble.mjs';

const UV = '0.13.9';
const OLDEST_UV = [0, 5];
/** What uv looks for, or downloads, where no Python on PATH is old enough. */
const FOR_OLD_PACKAGES = [3, 11, 0];
const REQUIREMENTS = join(root, 'scripts', 'requirements');

/** What each environment is. MLflow 2.3.2 wants the packages of its own time, and a Python that they know. */
const KINDS = {
  start: {
    file: 'start.txt',
    title: 'JupyterLab, Notebook and the newest MLflow'
  },
  dev: {
    file: 'dev.txt',
    title: 'Jupyter, the newest MLflow and the test tools'
  },
  oldest: {
    file: 'oldest.txt',
    title: 'MLflow 2.3.2',
    pythonBelow: [3, 12],
    excludeNewer: '2023-07-01'
  }
};

/** An environment's folder of programs. */
export function binOf(folder) {
  return join(folder, isWindows ? 'Scripts' : 'bin');
}

/** An environment's interpreter. */
export function pythonOf(folder) {
  return join(binOf(folder), isWindows ? 'python.exe' : 'python');
}

/**
 * The variables of an activated environment. Its modules are compiled once and kept, also where the image of a container
 * says otherwise: MLflow's server imports for 13 s of processor time when it has to compile them, for 5 s when not.
 */
export function activated(folder, env = process.env) {
  const {
    PYTHONHOME: _home,
    PYTHONDONTWRITEBYTECODE: _compileEachTime,
    ...rest
  } = env;
  return {
    ...rest,
    VIRTUAL_ENV: folder,
    PATH: `${binOf(folder)}${delimiter}${env.PATH ?? ''}`
  };
}

/** A requirements file with the files that it includes. */
function requirements(file) {
  return readFileSync(join(REQUIREMENTS, file), 'utf8').replace(
    /^-r (\S+)$/gm,
    (_, included) => requirements(included)
  );
}

/** The folder of an environment for this Python; it may not be there yet. The clone's own path is part of the key: an
 * environment does not survive being moved. */
function folderOf(kind, python) {
  const { file, excludeNewer = '' } = KINDS[kind];
  const key = hashOf(
    requirements(file),
    excludeNewer,
    python.version.slice(0, 2).join('.'),
    root
  );
  return join(envs, `${kind}-${key}`);
}

const isComplete = folder =>
  existsSync(join(folder, '.complete')) && existsSync(pythonOf(folder));

/** The environment if it is made already, else null. */
export function existingEnvironment(kind, python) {
  const folder = folderOf(
    kind,
    pythonFor(kind, python) ?? { version: FOR_OLD_PACKAGES }
  );
  return isComplete(folder) ? folder : null;
}

/** A Python that the kind can live with: the one given, another on PATH, or null (then uv looks for one). */
function pythonFor(kind, python) {
  const { pythonBelow } = KINDS[kind];
  const fits = found =>
    !pythonBelow ||
    found.version[0] * 100 + found.version[1] <
      pythonBelow[0] * 100 + pythonBelow[1];
  if (fits(python)) {
    return python;
  }
  for (const name of ['python3.11', 'python3.10', 'python3.9']) {
    const found = askPython(name);
    if (found) {
      return found;
    }
  }
  return null;
}

/**
 * Makes an environment, unless it is there.
 *
 * @param {'start' | 'dev' | 'oldest'} kind
 * @param {{version: number[], executable: string}} python the interpreter to base it on
 * @param {{onLine?: (line: string) => void, env?: object}} [options]
 * @returns {Promise<string>} its folder
 * @throws {Trouble}
 */
export async function environment(
  kind,
  python,
  { onLine, env = process.env } = {}
) {
  const base = pythonFor(kind, python) ?? {
    version: FOR_OLD_PACKAGES,
    executable: null
  };
  const folder = folderOf(kind, base);
  if (isComplete(folder)) {
    return folder;
  }
  const { title, file, excludeNewer } = KINDS[kind];
  const uv = await findUv(python, { onLine, env });
  const common = { python: python.executable, env: uvEnvironment(env), onLine };
  mkdirSync(envs, { recursive: true });
  removeOlder(kind, folder);
  rmSync(folder, { recursive: true, force: true });
  const step = `installing ${title}`;
  await run(
    `making the environment for ${title}`,
    [
      ...uv,
      'venv',
      '--quiet',
      '--python',
      base.executable ?? base.version.slice(0, 2).join('.'),
      folder
    ],
    common
  );
  const date = excludeNewer ? ['--exclude-newer', excludeNewer] : [];
  await run(
    step,
    [
      ...uv,
      'pip',
      'install',
      '--python',
      pythonOf(folder),
      ...date,
      '-r',
      join(REQUIREMENTS, file)
    ],
    common
  );
  writeFileSync(join(folder, '.complete'), `${title}\n`);
  return folder;
}

/** Environments of the same kind that no longer match hold gigabytes for nothing. */
function removeOlder(kind, current) {
  for (const name of readdirSync(envs)) {
    const folder = join(envs, name);
    if (name.startsWith(`${kind}-`) && folder !== current) {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** uv takes its index from its own settings; where a person has set only pip's, those are meant. */
function uvEnvironment(env) {
  const own = env.UV_DEFAULT_INDEX ?? env.UV_INDEX_URL;
  return {
    ...env,
    ...(env.PIP_INDEX_URL && !own
      ? { UV_DEFAULT_INDEX: env.PIP_INDEX_URL }
      : {})
  };
}

/**
 * uv: the one on PATH, or one of our own in .envs/, which pip installs into a folder without any environment.
 *
 * @returns {Promise<string[]>} program and first arguments
 */
export async function findUv(
  python,
  { onLine, env = process.env, folder = join(envs, `uv-${UV}`) } = {}
) {
  const onPath = spawnSync('uv', ['--version'], {
    encoding: 'utf8',
    env,
    windowsHide: true
  });
  const version = /^uv (\d+)\.(\d+)/.exec(onPath.stdout ?? '');
  if (
    version &&
    (Number(version[1]) > OLDEST_UV[0] || Number(version[2]) >= OLDEST_UV[1])
  ) {
    return ['uv'];
  }
  const program = join(folder, 'bin', isWindows ? 'uv.exe' : 'uv');
  if (existsSync(program)) {
    return [program];
  }
  const half = `${folder}.half`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(envs, { recursive: true });
  const options = {
    python: python.executable,
    env: { ...env, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
    onLine
  };
  const pip = await findPip(python, options, `${folder}-pip`);
  await run(
    'installing uv',
    [...pip, 'install', '--quiet', '--target', half, `uv==${UV}`],
    options
  );
  renameSync(half, folder);
  return [program];
}

/** A pip that works: this Python's own, the one that ensurepip brings (in a small environment), or pip of the PATH. */
async function findPip(python, options, folder) {
  const works = command =>
    spawnSync(command[0], [...command.slice(1), '--version'], {
      env: options.env,
      windowsHide: true
    }).status === 0;
  const own = [python.executable, '-m', 'pip'];
  if (works(own)) {
    return own;
  }
  try {
    await run(
      'making an environment for pip',
      [python.executable, '-m', 'venv', '--clear', folder],
      options
    );
    return [pythonOf(folder), '-m', 'pip'];
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    if (works(['pip'])) {
      return ['pip', '--python', python.executable];
    }
    throw error instanceof Trouble && /ensurepip/.test(error.message)
      ? noEnsurepip(python)
      : error;
  }
}

function noEnsurepip(python) {
  const [major, minor] = python.version;
  return new Trouble(
    `Python ${major}.${minor} (${python.executable}) has neither pip nor ensurepip, so nothing can be installed with it.`,
    isWindows || process.platform === 'darwin'
      ? `${python.executable} -m ensurepip`
      : `sudo apt-get install python${major}.${minor}-venv`
  );
}
