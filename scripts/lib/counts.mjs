// How many tests passed, failed and were skipped, from what the test tools write for machines.
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

/**
 * @typedef {{passed: number, failed: number, skipped: number, names?: string[], again?: string[]}} Counts
 * names: what failed, again: what passed at its second try only; each with the first line of why
 */

const REASON_LENGTH = 200;
const ENTITIES = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/** What failed, and the first line of the reason that a tool gave, without its colours. */
function named(what, reason = '') {
  const line = stripVTControlCharacters(reason)
    .split('\n')
    .map(each => each.trim())
    .find(Boolean);
  return line ? `${what} — ${line.slice(0, REASON_LENGTH)}` : what;
}

/** Of a check that is one thing: a formatter, a linter, a type checker. */
export const asOne = ok => ({
  passed: ok ? 1 : 0,
  failed: ok ? 0 : 1,
  skipped: 0
});

/** Sums. */
export function sum(list) {
  const add = key => list.reduce((total, counts) => total + counts[key], 0);
  return {
    passed: add('passed'),
    failed: add('failed'),
    skipped: add('skipped')
  };
}

/** `jest --json`: a file that does not even load counts as one failure. */
export function jestCounts(text) {
  const {
    numPassedTests,
    numFailedTests,
    numPendingTests,
    numTodoTests = 0,
    numRuntimeErrorTestSuites,
    testResults = []
  } = JSON.parse(text);
  return {
    names: testResults.flatMap(({ assertionResults = [] }) =>
      assertionResults
        .filter(({ status }) => status === 'failed')
        .map(({ fullName, failureMessages = [] }) =>
          named(fullName, failureMessages[0])
        )
    ),
    passed: numPassedTests,
    failed: numFailedTests + numRuntimeErrorTestSuites,
    skipped: numPendingTests + numTodoTests
  };
}

/** The text of an attribute of XML. */
const unescaped = text =>
  text
    .replace(/&#(?:x([0-9a-f]+)|(\d+));/gi, (_, hex, decimal) =>
      String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal))
    )
    .replace(/&(lt|gt|quot|apos|amp);/g, (_, name) => ENTITIES[name]);

/** `pytest --junitxml`: errors of fixtures and of collection are failures. */
export function junitCounts(text) {
  const suites = text.match(/<testsuite\b[^>]*>/g) ?? [];
  const failures = text.matchAll(
    /<testcase classname="([^"]*)" name="([^"]*)"[^>]*><(?:failure|error)\s+message="([^"]*)"/g
  );
  const counts = sum(
    suites.map(suite => {
      const read = name =>
        Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
      const failed = read('failures') + read('errors');
      const skipped = read('skipped');
      return {
        passed: Math.max(0, read('tests') - failed - skipped),
        failed,
        skipped
      };
    })
  );
  return {
    ...counts,
    names: [...failures].map(([, file, name, reason]) =>
      named(`${file}: ${name}`, unescaped(reason))
    )
  };
}

/** Playwright's JSON reporter: errors outside of a test (a server that does not start) are failures. */
export function playwrightCounts(text) {
  const { stats, suites = [], errors = [] } = JSON.parse(text);
  const of = (suite, status) => [
    ...(suite.specs ?? []).flatMap(({ file, title, tests = [] }) =>
      tests
        .filter(each => each.status === status)
        .map(({ results = [] }) =>
          named(
            `${file}: ${title}`,
            results.find(({ error }) => error)?.error.message
          )
        )
    ),
    ...(suite.suites ?? []).flatMap(each => of(each, status))
  ];
  const all = { suites };
  return {
    names: [
      ...errors.map(({ message }) => named('outside of a test', message)),
      ...of(all, 'unexpected')
    ],
    again: of(all, 'flaky'),
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected + errors.length,
    skipped: stats.skipped
  };
}

/** `node --test --test-reporter=tap`: the totals at the end. */
export function tapCounts(text) {
  const read = name =>
    Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  return {
    names: [...text.matchAll(/^not ok \d+ - (.*)$/gm)].map(([, name]) => name),
    passed: read('pass'),
    failed: read('fail') + read('cancelled'),
    skipped: read('skipped') + read('todo')
  };
}

/** `{passed, failed, skipped}` as it is. */
export function plainCounts(text) {
  const { passed, failed, skipped } = JSON.parse(text);
  return { passed, failed, skipped };
}

/**
 * The counts of a check that ran tests, from the file that it was told to write.
 *
 * A tool that ended badly without naming a failure, wrote nothing, or ran nothing at all, has failed.
 *
 * @param {{code: number, path: string, read: (text: string) => Counts}} result
 * @returns {Counts & {note?: string}}
 */
export function judged({ code, path, read }) {
  let counts;
  try {
    counts = read(readFileSync(path, 'utf8'));
  } catch {
    return {
      passed: 0,
      failed: 1,
      skipped: 0,
      note: 'it ended without a result'
    };
  }
  if (counts.passed + counts.failed + counts.skipped === 0) {
    return { ...counts, failed: 1, note: 'nothing ran' };
  }
  if (code !== 0 && counts.failed === 0) {
    return { ...counts, failed: 1, note: `exit code ${code}` };
  }
  return counts;
}
