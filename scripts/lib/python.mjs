// Finds a Python that will do, and says what to install when there is none.
import { spawnSync } from 'node:child_process';
import { isWindows } from './paths.mjs';
import { Trouble } from './trouble.mjs';

export const OLDEST_PYTHON = [3, 10];

const ASK =
  'import sys, json; print(json.dumps([list(sys.version_info[:3]), sys.executable]))';

/** What a Python command is: its version and the path of its interpreter; null when it is not one. */
export function askPython(command, args = []) {
  const answer = spawnSync(command, [...args, '-c', ASK], {
    encoding: 'utf8',
    timeout: 20_000,
    windowsHide: true
  });
  if (answer.status !== 0) {
    return null;
  }
  try {
    const [version, executable] = JSON.parse(
      answer.stdout.trim().split(/\r?\n/).pop()
    );
    return { version, executable };
  } catch {
    return null;
  }
}

/**
 * The first Python on PATH that is new enough.
 *
 * @returns {{version: number[], executable: string}}
 * @throws {Trouble} when there is none, or only older ones
 */
export function findPython() {
  const candidates = isWindows
    ? [['py', '-3'], ['python'], ['python3']]
    : [['python3'], ['python']];
  for (let minor = 14; minor >= OLDEST_PYTHON[1]; minor--) {
    candidates.push([`python3.${minor}`]);
  }
  let older = null;
  for (const [command, ...args] of candidates) {
    const found = askPython(command, args);
    if (found && atLeast(found.version, OLDEST_PYTHON)) {
      return found;
    }
    older ??= found;
  }
  const install = isWindows
    ? 'winget install Python.Python.3.12'
    : process.platform === 'darwin'
      ? 'brew install python@3.12'
      : 'sudo apt-get install python3 python3-venv   (or https://www.python.org/downloads/)';
  throw new Trouble(
    older
      ? `This is Python ${older.version.join('.')} (${older.executable}), and JupyterLab 4.6 needs Python 3.10 or newer.`
      : 'There is no Python on PATH, and JupyterLab needs Python 3.10 or newer.',
    install
  );
}

/** Whether a version such as [3, 11, 2] is at least [3, 10]. */
export function atLeast(version, [major, minor]) {
  return version[0] > major || (version[0] === major && version[1] >= minor);
}
