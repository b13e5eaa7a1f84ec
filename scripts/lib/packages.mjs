// The Node packages of the clone, installed once for each lockfile.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf, root } from './paths.mjs';
import { npmCommand, run } from './run.mjs';

const stampOf = folder => join(folder, 'node_modules', '.jupyter-mlflow');
const keyOf = folder => hashOf(readFileSync(join(folder, 'package-lock.json')));

/** Whether node_modules holds what the lockfile of this folder says. */
export function packagesAreInstalled(folder = root) {
  const stamp = stampOf(folder);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === keyOf(folder);
}

/**
 * Installs exactly what the lockfile says, running no package's own scripts.
 *
 * @param {{python: string, folder?: string, env?: object, onLine?: (line: string) => void}} options `python` guards the run
 * @throws {Trouble}
 */
export async function installPackages({
  python,
  folder = root,
  env = process.env,
  onLine
}) {
  const command = [
    ...npmCommand(),
    'ci',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-progress',
    '--prefer-offline'
  ];
  await run(
    `installing the Node packages${folder === root ? '' : ' of the browser tests'}`,
    command,
    {
      python,
      cwd: folder,
      env: {
        ...env,
        PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1',
        npm_config_loglevel: 'http'
      },
      registry: 'npm',
      onLine: line => {
        const name = packageOf(line);
        if (name) {
          onLine?.(name);
        }
      }
    }
  );
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  writeFileSync(stampOf(folder), keyOf(folder));
}

/** The package that a line of npm's log speaks of, as far as a person waiting wants to know. */
function packageOf(line) {
  const address = /fetch GET \d+ https?:\/\/[^/]+\/(\S+)/.exec(line)?.[1];
  return address && decodeURIComponent(address).replace(/\/-\/.*$/, '');
}
