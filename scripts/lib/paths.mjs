// Where things are, once.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(
  /[\\/]$/,
  ''
);
export const envs = join(root, '.envs');
export const work = join(root, '.work');
export const logs = join(work, 'logs');
export const demo = join(root, 'demo');
export const labextension = join(
  root,
  'python-shim',
  'jupyter_mlflow',
  'labextension'
);
export const isWindows = process.platform === 'win32';

/** A path as a person in the clone would type it. */
export function short(path) {
  const inside = relative(root, path);
  return inside.startsWith('..') ? path : inside.split(sep).join('/');
}

/** Twelve hexadecimal digits for some texts, in their order. */
export function hashOf(...texts) {
  const hash = createHash('sha256');
  for (const text of texts) {
    hash.update(text).update('\0');
  }
  return hash.digest('hex').slice(0, 12);
}

/** Twelve hexadecimal digits for the names and contents of files and folders (whole, but for what `skip` names). */
export function hashOfFiles(paths, skip = () => false) {
  const hash = createHash('sha256');
  const visit = path => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined || skip(path)) {
      return;
    }
    if (stat.isDirectory()) {
      for (const name of readdirSync(path).sort()) {
        visit(join(path, name));
      }
      return;
    }
    hash
      .update(short(path))
      .update('\0')
      .update(readFileSync(path))
      .update('\0');
  };
  paths.forEach(visit);
  return hash.digest('hex').slice(0, 12);
}
