// `npm test`: sets up what it needs, runs the parts, says what came of it.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { join } from 'node:path';
import { checksOf, resultsFolder } from './checks.mjs';
import { findChromium } from './chromium.mjs';
import { sum } from './counts.mjs';
import { environment, existingEnvironment } from './env.mjs';
import { TEST_HELP, testOptions } from './options.mjs';
import { installPackages, packagesAreInstalled } from './packages.mjs';
import { logs, root, short } from './paths.mjs';
import { Progress } from './progress.mjs';
import { findPython } from './python.mjs';
import { ended, spawnGuarded } from './run.mjs';
import { doSteps, missingSteps } from './setup.mjs';
import { report } from './trouble.mjs';

/**
 * Parts that may run side by side on two cores; browser tests have lanes of their own (checks.mjs), and come after the
 * package, which builds the extension anew: they show it as it is released.
 */
const LANES = [[['unit', 'contract', 'package'], ['python']], [['browser']]];
const TAIL_LINES = 80;
/** Of each log of a server. */
const SERVER_LINES = 30;
const LINE_LENGTH = 400;
const MOST_NAMES = 20;
const BEAT_MS = 60_000;

/** The whole of `npm test`; never throws, sets the exit code. */
export async function main(args) {
  try {
    const options = testOptions(args);
    if (options.help) {
      console.log(TEST_HELP);
      return;
    }
    const python = findPython();
    const environments = await setUp(options.only, python);
    rmSync(resultsFolder, { recursive: true, force: true });
    mkdirSync(resultsFolder, { recursive: true });
    const results = [];
    /** One after the other; a list of lanes side by side. */
    const performAll = async (part, checks) => {
      for (const each of checks) {
        if (Array.isArray(each)) {
          await Promise.all(each.map(lane => performAll(part, lane)));
        } else {
          results.push(await perform(part, each, python.executable));
        }
      }
    };
    for (const lanes of LANES) {
      await Promise.all(
        lanes.map(async parts => {
          for (const part of parts.filter(each =>
            options.only.includes(each)
          )) {
            await performAll(part, checksOf(part, environments));
          }
        })
      );
    }
    conclude(results);
  } catch (error) {
    report(error);
  }
}

/** What the parts need; returns the environments' folders. */
async function setUp(only, python) {
  const guard = { python: python.executable };
  const steps = missingSteps('dev', python);
  if (existingEnvironment('oldest', python) === null) {
    steps.push({
      title: 'Installing MLflow 2.3.2',
      work: onLine => environment('oldest', python, { onLine })
    });
  }
  const shows = only.includes('browser') || only.includes('package');
  if (shows) {
    findChromium();
  }
  // The hub of the Python tests takes its proxy from there.
  if (shows || only.includes('python')) {
    const folder = join(root, 'ui-tests');
    if (!packagesAreInstalled(folder)) {
      steps.push({
        title: 'Installing the Node packages of the browser tests',
        work: onLine => installPackages({ ...guard, folder, onLine })
      });
    }
  }
  const progress = new Progress();
  progress.expect(steps.length);
  await doSteps(steps, progress);
  return {
    dev: existingEnvironment('dev', python),
    oldest: existingEnvironment('oldest', python)
  };
}

/** Runs one check; its output goes to a log, and the end of that to the terminal if it failed. */
async function perform(part, check, python) {
  const title = `${part}: ${check.name}`;
  const log = join(logs, `test-${title.replace(/[^\w.-]+/g, '-')}.log`);
  mkdirSync(logs, { recursive: true });
  writeFileSync(log, '');
  console.log(`▸ ${title}`);
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  const child = spawnGuarded(python, check.command, {
    cwd: check.cwd,
    env: check.env,
    log,
    grace: 20
  });
  const beat = setInterval(
    () => console.log(`  … ${title} (${seconds()} s)`),
    BEAT_MS
  );
  const code = await ended(child);
  clearInterval(beat);
  const counts = check.count(code);
  const ok = counts.failed === 0 && counts.passed > 0;
  const words = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
  console.log(
    `${ok ? '✓' : '✗'} ${title}: ${words} in ${seconds()} s${counts.note ? ` (${counts.note})` : ''}`
  );
  const said = ok ? '' : whatWasSaid(log, check.serverLogs ?? []);
  if (said) {
    console.log(said);
  }
  return { part, name: check.name, seconds: seconds(), ...counts, ok, said };
}

/** The end of the logs of a check's servers, and of its own output. */
function whatWasSaid(log, serverLogs) {
  const ends = [
    ...serverLogs.map(each => [each, SERVER_LINES]),
    [log, TAIL_LINES]
  ];
  return ends
    .filter(([file]) => existsSync(file))
    .map(([file, count]) => {
      const lines = readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .slice(-count);
      return [`The end of ${short(file)}:`, ...lines];
    })
    .flat()
    .map(line => `    ${line.slice(0, LINE_LENGTH)}`)
    .join('\n');
}

/** What failed once more, as a CI keeps the end of the output; the table, and the line that says it all. */
function conclude(results) {
  // Where nothing came after it, it stands there already.
  for (const { part, name, said } of results
    .slice(0, -1)
    .filter(({ ok }) => !ok)) {
    console.log(`\n✗ ${part}: ${name}\n${said}`);
  }
  const width = Math.max(...results.map(({ name }) => name.length));
  console.log(
    '\n  part      check'.padEnd(width + 16) + 'passed  failed  skipped   time'
  );
  for (const { part, name, passed, failed, skipped, seconds, ok } of results) {
    const numbers = [passed, failed, skipped]
      .map(number => String(number).padStart(8))
      .join('');
    console.log(
      `${ok ? '✓' : '✗'} ${part.padEnd(9)} ${name.padEnd(width)}${numbers}${`${seconds} s`.padStart(8)}`
    );
  }
  // By name and last: of a long output, a CI keeps the end.
  const list = (mark, key, words) => {
    for (const result of results) {
      for (const each of (result[key] ?? []).slice(0, MOST_NAMES)) {
        console.log(
          `${mark} ${result.name}${words}: ${each.slice(0, LINE_LENGTH)}`
        );
      }
    }
  };
  list('!', 'again', ', passed at its second try');
  list('✗', 'names', '');
  const total = sum(results);
  if (total.failed > 0 || total.passed === 0 || results.some(({ ok }) => !ok)) {
    process.exitCode = 1;
  }
  console.log(
    `\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`
  );
}
