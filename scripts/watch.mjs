// `npm run watch`: compiles what changes, and rebuilds the extension with it.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './lib/paths.mjs';

const WATCHERS = [
  [
    join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
    '--build',
    '--watch',
    '--preserveWatchOutput'
  ],
  [join(root, 'scripts', 'python.mjs'), 'jupyter-builder', 'watch', '.']
];

const children = WATCHERS.map(words =>
  spawn(process.execPath, words, { cwd: root, stdio: 'inherit' })
);
/** One without the other is of no use. */
function end(code) {
  process.exitCode ??= code ?? 1;
  for (const child of children) {
    child.kill();
  }
}
for (const child of children) {
  child.on('exit', end);
}
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => end(0));
}
