// Builds the wheel as for a release, installs it into an empty environment, and looks at the panel there in a browser: in
// JupyterLab and in Notebook 7, without Node on PATH.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { binOf, findUv, pythonOf } from './lib/env.mjs';
import { buildExtension } from './lib/extension.mjs';
import { isWindows, root, work } from './lib/paths.mjs';
import { findPython } from './lib/python.mjs';
import { run } from './lib/run.mjs';
import { Trouble, report } from './lib/trouble.mjs';

const FOLDER = join(work, 'wheel');

/** What a wheel must hold to work without a build, and without asking the person to enable anything. */
const NEEDED = [
  /data\/share\/jupyter\/labextensions\/jupyter-mlflow\/package\.json$/,
  /data\/share\/jupyter\/labextensions\/jupyter-mlflow\/install\.json$/,
  /data\/share\/jupyter\/labextensions\/jupyter-mlflow\/static\/remoteEntry\.[0-9a-f]+\.js$/,
  /data\/etc\/jupyter\/jupyter_server_config\.d\/jupyter_mlflow\.json$/,
  /^jupyter_mlflow\/server\/extension\.py$/,
  /^jupyter_mlflow\/py\.typed$/
];

/** Builds from nothing; returns the wheel's path. */
async function buildWheel(python, dev) {
  const dist = join(FOLDER, 'dist');
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  const options = { python: python.executable, env: process.env };
  console.log('Building the extension from nothing …');
  await buildExtension(dev, options);
  console.log('Building the wheel …');
  await run(
    'building the wheel',
    [
      pythonOf(dev),
      '-m',
      'build',
      '--wheel',
      '--no-isolation',
      '--outdir',
      dist,
      root
    ],
    {
      ...options,
      // The bundle is that of a moment ago; npm has nothing to do.
      env: { ...process.env, HATCH_JUPYTER_BUILDER_SKIP_NPM: '1' }
    }
  );
  const wheel = readdirSync(dist).find(name => name.endsWith('.whl'));
  if (wheel === undefined) {
    throw new Trouble('Building the wheel left no wheel.');
  }
  return join(dist, wheel);
}

/** Throws unless the wheel holds all it needs, and nothing of tests or of a development build. */
function inspect(wheel, python) {
  const list =
    'import sys, zipfile; print("\\n".join(zipfile.ZipFile(sys.argv[1]).namelist()))';
  const names = spawnSync(python, ['-c', list, wheel], { encoding: 'utf8' })
    .stdout.trim()
    .split(/\r?\n/);
  const missing = NEEDED.filter(
    pattern => !names.some(name => pattern.test(name))
  );
  const unwanted = names.filter(name =>
    /(^|\/)(tests?|node_modules|__pycache__|\.work|\.envs)\//.test(name)
  );
  if (missing.length > 0 || unwanted.length > 0) {
    throw new Trouble(
      `The wheel lacks ${missing.join(', ') || 'nothing'} and should not hold ${unwanted.join(', ') || 'nothing'}.`
    );
  }
  const entries = names.filter(
    name => /remoteEntry/.test(name) && name.endsWith('.js')
  );
  if (entries.length !== 1) {
    throw new Trouble(
      `The wheel holds ${entries.length} builds of the extension: ${entries.join(', ')}.`,
      'npm run clean'
    );
  }
}

/** An environment with the wheel and what it asks for, then JupyterLab and Notebook: what a person has. */
async function install(wheel, python) {
  const folder = join(FOLDER, 'env');
  const uv = await findUv(python);
  const options = { python: python.executable, env: process.env };
  console.log('Installing the wheel into an empty environment …');
  await run(
    'making an empty environment',
    [...uv, 'venv', '--quiet', '--python', python.executable, folder],
    options
  );
  const pip = [...uv, 'pip', 'install', '--python', pythonOf(folder)];
  await run('installing the wheel', [...pip, wheel], options);
  // By what it asks for alone, the server's part must import.
  await run(
    'importing the installed package',
    [pythonOf(folder), '-c', 'import jupyter_mlflow.server.extension'],
    options
  );
  await run(
    'installing JupyterLab and Notebook beside it',
    [...pip, 'jupyterlab>=4.6,<4.7', 'notebook>=7.6,<7.7'],
    options
  );
  return folder;
}

/** PATH of a machine that has no Node: the environment's own programs only. */
function pathWithoutNode(folder) {
  const path = binOf(folder);
  const found = spawnSync(
    pythonOf(folder),
    ['-c', 'import shutil; print(shutil.which("node"), shutil.which("npm"))'],
    {
      encoding: 'utf8',
      env: { ...process.env, PATH: path }
    }
  ).stdout.trim();
  if (found !== 'None None') {
    throw new Trouble(`The environment for the wheel finds Node: ${found}.`);
  }
  return path;
}

try {
  const python = findPython();
  // The interpreter with the test tools names their environment.
  const dev = (process.env.VIRTUAL_ENV ?? '') || null;
  if (dev === null || !process.env.JUPYTER_MLFLOW_TEST_PYTHON_NEWEST) {
    throw new Trouble(
      'The wheel is tested as a part of npm test.',
      'npm test -- --only package'
    );
  }
  const wheel = await buildWheel(python, dev);
  inspect(wheel, pythonOf(dev));
  const folder = await install(wheel, python);
  const uiTests = join(root, 'ui-tests');
  const cli = join(uiTests, 'node_modules', '@playwright', 'test', 'cli.js');
  const { status } = spawnSync(
    process.execPath,
    [cli, 'test', '--config', join('wheel', 'playwright.config.ts')],
    {
      cwd: uiTests,
      stdio: 'inherit',
      windowsHide: isWindows,
      env: {
        ...process.env,
        JUPYTER_MLFLOW_WHEEL_PYTHON: pythonOf(folder),
        JUPYTER_MLFLOW_WHEEL_PATH: pathWithoutNode(folder),
        JUPYTER_MLFLOW_WHEEL_VERSION: JSON.parse(
          readFileSync(join(root, 'package.json'), 'utf8')
        ).version
      }
    }
  );
  process.exitCode = status ?? 1;
} catch (error) {
  report(error);
}
