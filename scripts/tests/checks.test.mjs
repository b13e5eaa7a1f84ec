import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checksOf } from '../lib/checks.mjs';
import { PARTS } from '../lib/options.mjs';

const ENVIRONMENTS = { dev: '/envs/dev', oldest: '/envs/oldest' };
const NAME_OF_RESULT = 'PLAYWRIGHT_JSON_OUTPUT_NAME';

/** All checks of a list, whatever runs beside them. */
const flat = checks => checks.flat(Infinity);

/** What follows a word of a command. */
const after = ({ command }, word) => command[command.indexOf(word) + 1];

test('no check takes the name, and so the log, of another', () => {
  const names = PARTS.flatMap(part => flat(checksOf(part, ENVIRONMENTS))).map(
    ({ name }) => name
  );
  assert.deepEqual([...new Set(names)], names);
});

test('JupyterLab and Notebook 7 run side by side, and share no file', () => {
  const lanes = checksOf('browser', ENVIRONMENTS).find(Array.isArray);
  const pair = lanes.map(([first]) => first);
  assert.deepEqual(
    pair.map(check => after(check, '--project')),
    ['lab', 'notebook-7']
  );
  for (const of of [
    check => after(check, '--output'),
    ({ env }) => env[NAME_OF_RESULT],
    ({ env }) => env.JUPYTER_MLFLOW_UI_LABEL,
    ({ serverLogs }) => serverLogs[0]
  ]) {
    const [left, right] = pair.map(of);
    assert.ok(left && right && left !== right, `${left}, ${right}`);
  }
});

test('the wheel, which builds the extension anew, is built when nobody shows it any more', () => {
  const last = checksOf('browser', ENVIRONMENTS).at(-1);
  assert.match(last.name, /wheel/);
});
