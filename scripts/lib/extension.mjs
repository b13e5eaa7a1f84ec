// Builds the extension when its sources have changed, and gives it to an environment.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync
} from 'node:fs';
import { dirname, join } from 'node:path';
import { activated, pythonOf } from './env.mjs';
import {
  hashOf,
  hashOfFiles,
  isWindows,
  labextension,
  root,
  work
} from './paths.mjs';
import { npmCommand, run } from './run.mjs';

const BUILT = join(work, 'built');
const SOURCES = [
  'src',
  'schema',
  'style',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'scripts/generate.mjs'
];
const PACKAGE = [
  'pyproject.toml',
  'package.json',
  'install.json',
  'jupyter-config'
];

const isDerived = path =>
  /\.generated\.|\.spec\.tsx?$|[\\/]testing[\\/]/.test(path);
const sourcesKey = () =>
  hashOfFiles(
    SOURCES.map(path => join(root, path)),
    isDerived
  );

/** Whether the built extension is that of the sources as they are. */
export function extensionIsBuilt() {
  return (
    existsSync(join(labextension, 'package.json')) &&
    existsSync(BUILT) &&
    readFileSync(BUILT, 'utf8') === sourcesKey()
  );
}

/**
 * Compiles and bundles, as for a release: what is tried and tested is what people get.
 *
 * @param {string} folder the environment that has jupyter-builder
 * @param {{python: string, env?: object, onLine?: (line: string) => void}} options
 * @throws {Trouble}
 */
export async function buildExtension(
  folder,
  { python, env = process.env, onLine }
) {
  // Of the sources as they were when the build began: a change during it means another build.
  const key = sourcesKey();
  rmSync(BUILT, { force: true });
  await run('building the extension', [...npmCommand(), 'run', 'build:prod'], {
    python,
    env: activated(folder, env),
    registry: 'npm',
    onLine
  });
  mkdirSync(work, { recursive: true });
  writeFileSync(BUILT, key);
}

/** Whether the environment uses this clone's package and its built extension. */
export function extensionIsInstalled(folder) {
  const stamp = join(folder, '.extension');
  return (
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === installedKey() &&
    existsSync(linkIn(folder))
  );
}

/**
 * Installs the Python package editable and links the built extension, so that the next build is seen at once.
 *
 * The link goes first and comes last: an installer writes, and an uninstaller deletes, through it into the sources.
 *
 * @param {string} folder the environment
 * @param {string[]} uv program and first arguments
 * @param {{python: string, env?: object, onLine?: (line: string) => void}} options
 */
export async function installExtension(
  folder,
  uv,
  { python, env = process.env, onLine }
) {
  const link = linkIn(folder);
  removeLink(link);
  await run(
    'installing the extension',
    [
      ...uv,
      'pip',
      'install',
      '--python',
      pythonOf(folder),
      '--no-cache',
      '--no-deps',
      '--no-build-isolation',
      '--editable',
      root
    ],
    {
      python,
      env: { ...activated(folder, env), HATCH_JUPYTER_BUILDER_SKIP_NPM: '1' },
      onLine
    }
  );
  rmSync(link, { recursive: true, force: true });
  mkdirSync(dirname(link), { recursive: true });
  // A junction needs no privilege on Windows; elsewhere the type is ignored.
  symlinkSync(labextension, link, 'junction');
  writeFileSync(join(folder, '.extension'), installedKey());
}

/** Removes the link alone; a folder that an installer put there belongs to the installer. */
export function removeLink(link) {
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) {
    isWindows ? rmSync(link) : unlinkSync(link);
  }
}

const linkIn = folder =>
  join(folder, 'share', 'jupyter', 'labextensions', 'jupyter-mlflow');
const installedKey = () =>
  hashOf(root, hashOfFiles(PACKAGE.map(path => join(root, path))));
