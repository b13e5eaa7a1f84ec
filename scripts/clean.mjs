// Removes everything that a build writes, so that a wheel can never carry a stale or a development bundle.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
for (const path of [
  'lib',
  'tsconfig.tsbuildinfo',
  'python-shim/jupyter_mlflow/labextension',
  'dist'
]) {
  rmSync(join(root, path), { recursive: true, force: true });
}
