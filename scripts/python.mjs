// Runs a Python tool: `node scripts/python.mjs ruff check python-shim`. One on PATH is used (a build environment, an activated
// one), else that of the environments in .envs, which are made if there is none.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import {
  activated,
  binOf,
  environment,
  existingEnvironment
} from './lib/env.mjs';
import { isWindows, root } from './lib/paths.mjs';
import { findPython } from './lib/python.mjs';
import { report } from './lib/trouble.mjs';

const [tool, ...args] = process.argv.slice(2);
const program = isWindows ? `${tool}.exe` : tool;
const hasTool = folder => existsSync(join(folder, program));

async function environmentWith() {
  if (
    (process.env.PATH ?? '')
      .split(delimiter)
      .some(folder => folder && hasTool(folder))
  ) {
    return process.env;
  }
  const python = findPython();
  const made = ['dev', 'start']
    .map(kind => existingEnvironment(kind, python))
    .find(folder => folder && hasTool(binOf(folder)));
  const isBuilder = tool === 'jupyter-builder';
  return activated(
    made ??
      (await environment(isBuilder ? 'start' : 'dev', python, {
        onLine: line => console.error(line)
      }))
  );
}

try {
  const { status, error } = spawnSync(tool, args, {
    cwd: root,
    env: await environmentWith(),
    stdio: 'inherit',
    shell: false
  });
  if (error) {
    throw error;
  }
  process.exitCode = status ?? 1;
} catch (error) {
  report(error);
}
