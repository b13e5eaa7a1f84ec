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
          {
            status: 'failed',
            fullName: 'b breaks',
            failureMessages: ['\u001b[31mError: 1 is not 2\u001b[39m\n    at b']
          }
        ]
      },
      { message: 'does not load' }
    ]
  };
  assert.deepEqual(jestCounts(JSON.stringify(result)), {
    ...COUNTS,
    names: ['b breaks — Error: 1 is not 2']
  });
  const broken = { ...result, numRuntimeErrorTestSuites: 1 };
  assert.equal(jestCounts(JSON.stringify(broken)).failed, 2);
});

test('of pytest: failures and errors are named by their file', () => {
  const text = `<testsuites><testsuite name="pytest" errors="1" failures="0" skipped="1" tests="4" time="1">
    <testcase classname="tests.test_a" name="test_one" time="0.1" /><testcase classname="tests.test_b"
    name="test_two" time="0.1"></testcase><testcase classname="tests.test_a" name="test_three[newest]" time="1"><error
    message="x &lt; &#39;y&#39;&#10;z">y</error></testcase><testcase classname="tests.test_a" name="test_four"><skipped /></testcase>
    </testsuite></testsuites>`;
  assert.deepEqual(junitCounts(text), {
    ...COUNTS,
    names: ["tests.test_a: test_three[newest] — x < 'y'"]
  });
});

test('of Playwright: specs at any depth are named by their file', () => {
  const spec = (title, status, ...messages) => ({
    file: 'a.spec.ts',
    title,
    tests: [
      {
        status,
        results: messages.map(message => ({ error: message && { message } }))
      }
    ]
  });
  const result = {
    stats: { expected: 1, flaky: 1, unexpected: 1, skipped: 1 },
    suites: [
      {
        specs: [spec('works', 'expected', null)],
        suites: [
          {
            specs: [
              spec(
                'breaks',
                'unexpected',
                '\u001b[2mnot seen\u001b[22m',
                'gone'
              ),
              spec('works again', 'flaky', 'late', null)
            ]
          }
        ]
      }
    ],
    errors: []
  };
  assert.deepEqual(playwrightCounts(JSON.stringify(result)), {
    ...COUNTS,
    names: ['a.spec.ts: breaks — not seen'],
    again: ['a.spec.ts: works again — late']
  });
});

test('of Playwright: a server that does not start is a failure with its words', () => {
  const result = {
    stats: { expected: 0, flaky: 0, unexpected: 0, skipped: 0 },
    errors: [{ message: 'Error: the server ended early' }]
  };
  assert.deepEqual(playwrightCounts(JSON.stringify(result)), {
    passed: 0,
    failed: 1,
    skipped: 0,
    names: ['outside of a test — Error: the server ended early'],
    again: []
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
