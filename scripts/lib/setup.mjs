// What a start needs done first, and doing it: only what is missing or out of date.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment, existingEnvironment, findUv } from './env.mjs';
import {
  buildExtension,
  extensionIsBuilt,
  extensionIsInstalled,
  installExtension
} from './extension.mjs';
import { installPackages, packagesAreInstalled } from './packages.mjs';
import { short, work } from './paths.mjs';
import { Trouble, explain } from './trouble.mjs';

const LOCK = join(work, 'setup.lock');

/**
 * The steps that are to be done for an environment of this kind, each a title and a function.
 *
 * @param {'start' | 'dev'} kind
 * @param {{version: number[], executable: string}} python
 * @returns {{title: string, work: (onLine: (line: string) => void) => Promise<unknown>}[]}
 */
export function missingSteps(kind, python) {
  const guard = { python: python.executable };
  const made = existingEnvironment(kind, python);
  const steps = [];
  if (!packagesAreInstalled()) {
    steps.push({
      title: 'Installing the Node packages',
      work: onLine => installPackages({ ...guard, onLine })
    });
  }
  if (made === null) {
    const title =
      kind === 'start'
        ? 'Installing JupyterLab and MLflow'
        : 'Installing Jupyter, MLflow and the test tools';
    steps.push({
      title,
      work: onLine => environment(kind, python, { onLine })
    });
  }
  if (!extensionIsBuilt()) {
    steps.push({
      title: 'Building the extension',
      work: onLine =>
        buildExtension(existingEnvironment(kind, python), { ...guard, onLine })
    });
  }
  if (made === null || !extensionIsInstalled(made)) {
    steps.push({
      title: 'Installing the extension',
      work: async onLine =>
        installExtension(
          existingEnvironment(kind, python),
          await findUv(python),
          { ...guard, onLine }
        )
    });
  }
  return steps;
}

/** Does the steps, alone in this clone; then the environment is ready. */
export async function doSteps(steps, progress) {
  if (steps.length === 0) {
    return;
  }
  const unlock = lock();
  try {
    for (const { title, work: doIt } of steps) {
      await progress.step(title, doIt);
    }
  } finally {
    unlock();
  }
}

/** Two set-ups at once would tear each other's folders down. */
function lock() {
  try {
    mkdirSync(work, { recursive: true });
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
  } catch (error) {
    if (error.code !== 'EEXIST') {
      throw explain(
        'preparing this clone',
        `${error.code}: ${error.message}`,
        'npm'
      );
    }
    const pid = Number(readFileSync(LOCK, 'utf8'));
    if (isAlive(pid)) {
      throw new Trouble(
        `Another npm start or npm test (process ${pid}) is setting up this clone; wait until it has finished.`,
        `npm start   (if there is no such process: rm ${short(LOCK)})`
      );
    }
    rmSync(LOCK, { force: true });
    return lock();
  }
  return () => rmSync(LOCK, { force: true });
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
