import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { checksOf } from '../lib/checks.mjs';
import { PARTS } from '../lib/options.mjs';
import { root } from '../lib/paths.mjs';

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

/** The checks of browser tests in JupyterLab and Notebook 7, in their lanes. */
const lanes = () => checksOf('browser', ENVIRONMENTS).find(Array.isArray);

test('JupyterLab and Notebook 7 run side by side, and share no file', () => {
  const all = flat(lanes());
  assert.deepEqual(
    all.map(check => after(check, '--project')),
    ['lab', 'notebook-7', 'lab']
  );
  for (const of of [
    check => after(check, '--output'),
    ({ env }) => env[NAME_OF_RESULT],
    ({ env }) => env.JUPYTER_MLFLOW_UI_LABEL,
    ({ serverLogs }) => serverLogs[0]
  ]) {
    const values = all.map(of);
    assert.ok(values.every(Boolean), `${values}`);
    assert.equal(new Set(values).size, all.length, `${values}`);
  }
});

test('each browser test of JupyterLab runs once', () => {
  const files = flat(lanes())
    .filter(check => after(check, '--project') === 'lab')
    .flatMap(({ command }) => command.filter(word => word.endsWith('.spec.ts')))
    .map(file => basename(file));
  const expected = readdirSync(join(root, 'ui-tests', 'tests')).filter(name =>
    /(?<!\.notebook)\.spec\.ts$/.test(name)
  );
  assert.deepEqual(files.sort(), expected.sort());
});

test('the extension is built anew before it is shown, and not while it is', () => {
  assert.ok(PARTS.indexOf('package') < PARTS.indexOf('browser'));
  assert.ok(
    flat(checksOf('browser', ENVIRONMENTS)).every(
      ({ command }) => !command.some(word => word.endsWith('wheel.mjs'))
    )
  );
});
