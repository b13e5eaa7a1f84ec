import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tooOldNode } from '../lib/node-version.mjs';
import { soakOptions, startOptions, testOptions } from '../lib/options.mjs';
import { Trouble } from '../lib/trouble.mjs';

test('Node is new enough from 20.19 and from 22.12', () => {
  for (const version of ['20.19.0', '20.20.2', '22.12.0', '24.0.1', '25.3.0']) {
    assert.equal(tooOldNode(version), null, version);
  }
  for (const version of ['12.22.0', '18.20.4', '20.18.9', '22.11.0']) {
    assert.match(
      tooOldNode(version),
      new RegExp(`Node ${version}.*\\nTry: `),
      version
    );
  }
});

test('start reads all of its options', () => {
  assert.deepEqual(startOptions([]), {
    browser: true,
    port: null,
    trackingUri: null,
    notebook7: false,
    help: false
  });
  assert.deepEqual(
    startOptions([
      '--no-browser',
      '--port',
      '9000',
      '--tracking-uri',
      'http://h:5000',
      '--notebook-7'
    ]),
    {
      browser: false,
      port: 9000,
      trackingUri: 'http://h:5000',
      notebook7: true,
      help: false
    }
  );
});

test('soak takes how often, and a seed', () => {
  assert.deepEqual(soakOptions([]), {
    turns: 200,
    kills: 1000,
    seed: undefined,
    help: false
  });
  const given = ['--turns', '3', '--kills', '2', '--seed', '0'];
  assert.deepEqual(soakOptions(given), {
    turns: 3,
    kills: 2,
    seed: 0,
    help: false
  });
});

test('a misspelt option or value is named, with what to try', () => {
  const named = (read, pattern) =>
    assert.throws(
      read,
      error =>
        error instanceof Trouble &&
        pattern.test(error.message) &&
        error.command !== ''
    );
  named(() => startOptions(['--prot', '1']), /--prot/);
  named(() => startOptions(['--port', 'ten']), /ten/);
  named(() => startOptions(['--port', '65536']), /65536/);
  named(() => startOptions(['--port']), /--port/);
  named(() => startOptions(['--tracking-uri', ' ']), /--tracking-uri/);
  named(() => soakOptions(['--turns', '0']), /--turns 0/);
  named(() => soakOptions(['--kills', '1']), /--kills 1/);
  named(() => soakOptions(['--seed', 'x']), /--seed x/);
  named(() => startOptions(['demo']), /demo/);
  named(() => testOptions(['--only', 'all']), /all/);
});

test('--only chooses parts, in their order', () => {
  assert.deepEqual(testOptions([]).only, [
    'unit',
    'python',
    'contract',
    'package',
    'browser'
  ]);
  assert.deepEqual(testOptions(['--only', 'contract', '--only', 'unit']).only, [
    'unit',
    'contract'
  ]);
});
