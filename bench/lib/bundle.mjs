// The production bundle, built beside the one that developers use, so that figures are those of a release.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { hashOfFiles, isWindows, root } from '../../scripts/lib/paths.mjs';
import { benchFolder } from './stores.mjs';

const SOURCES = [
  'src',
  'style',
  'schema',
  'package.json',
  'package-lock.json',
  'tsconfig.json'
];
const isTest = path => /\.spec\.tsx?$|[\\/]testing[\\/]/.test(path);

/**
 * Compiles and bundles what stands in src/, unless that has been done.
 *
 * @returns {{labextensions: string, folder: string, lib: string}} folders: what JupyterLab is told of, the bundle, the modules
 */
export function productionBundle(python) {
  const build = join(benchFolder, 'build');
  const share = join(benchFolder, 'share');
  const labextensions = join(share, 'labextensions');
  const folder = join(labextensions, 'jupyter-mlflow');
  const lib = join(build, 'lib');
  const stamp = join(build, '.built');
  const key = hashOfFiles(
    SOURCES.map(path => join(root, path)),
    isTest
  );
  if (
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === key &&
    existsSync(folder)
  ) {
    return { labextensions, folder, lib };
  }
  console.log('Building the production bundle …');
  rmSync(build, { recursive: true, force: true });
  mkdirSync(build, { recursive: true });
  for (const path of ['package.json', 'style', 'schema', 'install.json']) {
    cpSync(join(root, path), join(build, path), { recursive: true });
  }
  symlinkSync(
    join(root, 'node_modules'),
    join(build, 'node_modules'),
    'junction'
  );
  run(process.execPath, [join(root, 'scripts', 'generate.mjs')], root);
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { stdout } = spawnSync(
    process.execPath,
    [
      compiler,
      '--project',
      root,
      '--outDir',
      lib,
      '--tsBuildInfoFile',
      join(build, 'info')
    ],
    {
      encoding: 'utf8'
    }
  );
  // Types are for `npm test` to judge: an error in one of them still leaves modules that run.
  if (!existsSync(join(lib, 'index.js'))) {
    throw new Error(`The sources could not be compiled:\n${stdout}`);
  }
  const bin = dirname(python);
  run(
    join(bin, isWindows ? 'jupyter-builder.exe' : 'jupyter-builder'),
    ['build', build],
    build,
    {
      PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`
    }
  );
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(labextensions, { recursive: true });
  cpSync(join(build, 'python-shim', 'jupyter_mlflow', 'labextension'), folder, {
    recursive: true
  });
  writeFileSync(stamp, key);
  return { labextensions, folder, lib };
}

function run(program, args, cwd, env = {}) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env }
  });
  if (status !== 0) {
    throw new Error(
      `The production bundle could not be built:\n${`${stdout ?? ''}\n${stderr ?? ''}`.slice(-3000)}`
    );
  }
}
