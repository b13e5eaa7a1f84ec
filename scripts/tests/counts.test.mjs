import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  jestCounts,
  junitCounts,
  playwrightCounts,
  tapCounts
} from '../lib/counts.mjs';

const COUNTS = { passed: 2, failed: 1, skipped: 1 };

test('of jest: what failed is named, and a file that does not load counts', () => {
  const result = {
    numPassedTests: 2,
    numFailedTests: 1,
    numPendingTests: 1,
    numRuntimeErrorTestSuites: 0,
    testResults: [
      {
        assertionResults: [
          { status: 'passed', fullName: 'a works' },
          { status: 'failed', fullName: 'b breaks' }
        ]
      },
      { message: 'does not load' }
    ]
  };
  assert.deepEqual(jestCounts(JSON.stringify(result)), {
    ...COUNTS,
    names: ['b breaks']
  });
  const broken = { ...result, numRuntimeErrorTestSuites: 1 };
  assert.equal(jestCounts(JSON.stringify(broken)).failed, 2);
});

test('of pytest: failures and errors are named by their file', () => {
  const text = `<testsuites><testsuite name="pytest" errors="1" failures="0" skipped="1" tests="4" time="1">
    <testcase classname="tests.test_a" name="test_one" time="0.1" /><testcase classname="tests.test_b"
    name="test_two" time="0.1"></testcase><testcase classname="tests.test_a" name="test_three[newest]" time="1"><error
    message="x">y</error></testcase><testcase classname="tests.test_a" name="test_four"><skipped /></testcase>
    </testsuite></testsuites>`;
  assert.deepEqual(junitCounts(text), {
    ...COUNTS,
    names: ['tests.test_a: test_three[newest]']
  });
});

test('of Playwright: specs at any depth are named by their file', () => {
  const bad = { ok: false, file: 'a.spec.ts', title: 'breaks' };
  const good = { ok: true, file: 'a.spec.ts', title: 'works' };
  const result = {
    stats: { expected: 1, flaky: 1, unexpected: 1, skipped: 1 },
    suites: [{ specs: [good], suites: [{ specs: [good, bad] }] }],
    errors: []
  };
  assert.deepEqual(playwrightCounts(JSON.stringify(result)), {
    ...COUNTS,
    names: ['a.spec.ts: breaks']
  });
});

test('of node: what is not ok is named', () => {
  const text = `ok 1 - works
not ok 2 - breaks
# pass 2
# fail 1
# cancelled 0
# skipped 1
# todo 0`;
  assert.deepEqual(tapCounts(text), { ...COUNTS, names: ['breaks'] });
});
