// The store that the figures are taken over, filled once and kept in .work/bench.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
  readFileSync
} from 'node:fs';
import { join } from 'node:path';
import { root, work } from '../../scripts/lib/paths.mjs';

export const benchFolder = join(work, 'bench');

/** Experiments of the store: name:runs:parameters:metrics:tags; their ids are 1, 2, 3 in this order. */
export const SHAPES = [
  'plain-100k:100000:10:10:4',
  'plain-1k:1000:10:10:4',
  'wide-1k:1000:150:150:4'
];
export const EXPERIMENTS = {
  'plain-100k': '1',
  'plain-1k': '2',
  'wide-1k': '3'
};

/** Path of the filled store; fills it if it is not there yet. */
export function filledStore(python) {
  mkdirSync(benchFolder, { recursive: true });
  const path = join(benchFolder, 'mlflow.db');
  const stamp = join(benchFolder, 'mlflow.db.shapes');
  const shapes = SHAPES.join(' ');
  if (
    existsSync(path) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === shapes
  ) {
    return path;
  }
  console.log('Filling a store of 102,000 runs (once) …');
  const half = join(benchFolder, 'filling.db');
  rmSync(half, { force: true });
  const { status } = spawnSync(
    python,
    [join(root, 'bench', 'fill_store.py'), half, ...SHAPES],
    { stdio: 'inherit' }
  );
  if (status !== 0) {
    throw new Error('The store could not be filled.');
  }
  renameSync(half, path);
  writeFileSync(stamp, shapes);
  return path;
}
