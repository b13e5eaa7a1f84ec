// Runs one command of a set-up: its output goes to a log, a line of progress to the terminal.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isWindows, logs, root, short } from './paths.mjs';
import { explain } from './trouble.mjs';

const GUARD = join(root, 'scripts', 'guard.py');

/**
 * Starts a command that ends when we do, however we end (see scripts/guard.py).
 *
 * @param {string} python the interpreter that guards
 * @param {string[]} command program and arguments
 * @param {import('node:child_process').SpawnOptions & {grace?: number, log?: string | null}} [options]
 *   `grace`: seconds between asking to end and making it end; `log`: a file for its output, instead of pipes
 * @returns {import('node:child_process').ChildProcess} its `stdin` is what keeps the command alive
 */
export function spawnGuarded(
  python,
  command,
  { grace = 15, log = null, ...options } = {}
) {
  const more = log === null ? [] : ['--log', log];
  return spawn(
    python,
    ['-u', GUARD, '--grace', String(grace), ...more, '--', ...command],
    {
      cwd: root,
      windowsHide: true,
      ...options,
      // Out of the terminal's group: Ctrl-C reaches us, and we decide.
      detached: !isWindows,
      stdio: ['pipe', ...(options.stdio ?? ['pipe', 'pipe'])]
    }
  );
}

/**
 * Waits for the end of a command that was started with `spawnGuarded`.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>} its exit code; 127 if it could not start, 1 if a signal ended it
 */
export function ended(child) {
  return new Promise(resolve => {
    child.stdin.on('error', () => {});
    child.on('error', () => resolve(127));
    child.on('close', status => resolve(status ?? 1));
  });
}

/**
 * Runs a command to its end.
 *
 * @param {string} step what it does, in words that go before "failed": "installing the Node packages"
 * @param {string[]} command program and arguments
 * @param {{python: string, cwd?: string, env?: object, registry?: 'npm' | 'Python package', onLine?: (line: string) => void}} options
 * @returns {Promise<string>} what it wrote
 * @throws {Trouble} with one sentence when it could not start or its exit code is not 0
 */
export function run(
  step,
  command,
  { python, cwd = root, env = process.env, registry = 'Python package', onLine }
) {
  mkdirSync(logs, { recursive: true });
  const log = join(logs, `${step.replace(/[^\w.-]+/g, '-')}.log`);
  const file = createWriteStream(log);
  // A log that cannot be written (a full disk) must not hide the reason.
  file.on('error', () => {});
  return new Promise((resolve, reject) => {
    const child = spawnGuarded(python, command, { cwd, env, grace: 5 });
    let output = '';
    const take = chunk => {
      output += chunk;
      file.write(chunk);
      const last = String(chunk)
        .trim()
        .split(/[\r\n]+/)
        .pop();
      if (last) {
        onLine?.(last);
      }
    };
    const fail = reason => {
      file.end();
      reject(explain(step, reason, registry, short(log)));
    };
    child.stdin.on('error', () => {});
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', error => fail(`${output}\n${error.message}`));
    child.on('close', code => {
      if (code === 0) {
        file.end();
        resolve(output);
      } else {
        fail(output || `${command[0]} ended with exit code ${code}`);
      }
    });
  });
}

/** npm as it was called, or as it stands on PATH: program and first arguments. */
export function npmCommand() {
  const script = process.env.npm_execpath;
  if (script && /npm-cli\.c?js$/.test(script)) {
    return [process.execPath, script];
  }
  return isWindows ? ['cmd', '/d', '/s', '/c', 'npm.cmd'] : ['npm'];
}
