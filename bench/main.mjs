// `npm run bench [-- --only open|scroll|startup|forwarder|artifact|panels|recorder|environments|probe|magics] [--runs N]`.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { existingEnvironment, pythonOf } from '../scripts/lib/env.mjs';
import { Progress } from '../scripts/lib/progress.mjs';
import { findPython } from '../scripts/lib/python.mjs';
import { doSteps, missingSteps } from '../scripts/lib/setup.mjs';
import { Trouble, report as reportTrouble } from '../scripts/lib/trouble.mjs';
import { productionBundle } from './lib/bundle.mjs';
import { Report } from './lib/figures.mjs';
import { disturbance, machine } from './lib/machine.mjs';
import { endServers } from './lib/servers.mjs';
import { benchFolder, filledStore } from './lib/stores.mjs';

/** Each loads what it needs only when it is its turn; `isAlone`: it needs no store, bundle or browser. */
const PARTS = {
  open: {
    title: 'From a click to the first screen of runs',
    load: async () => (await import('./open.mjs')).open
  },
  scroll: {
    title: 'Scrolling through 10,000 runs',
    load: async () => (await import('./scroll.mjs')).scroll
  },
  startup: {
    title: 'What JupyterLab starts with',
    load: async () => (await import('./startup.mjs')).startup
  },
  forwarder: {
    title: 'The forwarder',
    load: async () => (await import('./forwarder.mjs')).forwarder
  },
  artifact: {
    title: 'An artifact of 1 GB',
    load: async () => (await import('./artifact.mjs')).artifact
  },
  panels: {
    title: 'Three hundred open panels',
    load: async () => (await import('./panels.mjs')).panels
  },
  probe: {
    title: 'Asking a kernel',
    isAlone: true,
    load: async () => (await import('./probe.mjs')).probe
  },
  recorder: {
    title: 'The recorder',
    isAlone: true,
    load: async () => (await import('./recorder.mjs')).recorder
  },
  environments: {
    title: 'Making an environment',
    isAlone: true,
    load: async () => (await import('./environments.mjs')).environments
  },
  magics: {
    title: '%mlflow',
    isAlone: true,
    load: async () => (await import('./magics.mjs')).magics
  }
};

const HELP = `npm run bench -- [options]

Measures speed and size against MLflow's own page and bare requests in the same run. Stop everything else before.

  --only PART   one of ${Object.keys(PARTS).join(', ')}; may be repeated
  --runs N      how often each time is taken (7 or more; otherwise 7)
  --help        this text`;

/**
 * What each benchmark is given.
 *
 * @typedef {object} Context
 * @property {string} python interpreter that has JupyterLab and the newest MLflow
 * @property {string} store path of the filled SQLite store; null where all parts are alone
 * @property {() => {labextensions: string, folder: string, lib: string}} bundle the production bundle
 * @property {number} runs how often each time is taken
 * @property {Report} report
 */

/** The whole of `npm run bench`; sets the exit code when something failed, not when a goal was missed. */
export async function main(args) {
  try {
    const { only, runs, help } = options(args);
    if (help) {
      console.log(HELP);
      return;
    }
    const disturbed = disturbance();
    const python = await interpreter();
    const isAlone = only.every(name => PARTS[name].isAlone);
    const store = isAlone ? null : filledStore(python);
    const bundle = () => productionBundle(python);
    const chromium = isAlone ? null : await browserVersion(bundle);
    const line = machine({ chromium, mlflow: mlflowVersion(python) });
    console.log(`\n${line}${disturbed ? `\n${disturbed}` : ''}`);
    const reports = [];
    for (const name of only) {
      const report = new Report(PARTS[name].title);
      reports.push(report);
      const part = await PARTS[name].load();
      await part({ python, store, bundle, runs, report });
    }
    keep(line, reports);
    const missed = reports.flatMap(({ missed }) => missed);
    console.log(
      missed.length
        ? `\nGoals missed:\n${missed.map(name => `- ${name}`).join('\n')}`
        : '\nAll goals met.'
    );
  } catch (error) {
    reportTrouble(error);
  } finally {
    await endServers();
  }
}

function options(args) {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        only: { type: 'string', multiple: true },
        runs: { type: 'string' },
        help: { type: 'boolean', short: 'h' }
      }
    }));
  } catch (error) {
    throw new Trouble(
      `${error.message.split('. ')[0].replace(/\.$/, '')}.`,
      'npm run bench -- --help'
    );
  }
  const only =
    values.only?.flatMap(part => part.split(',')) ?? Object.keys(PARTS);
  const unknown = only.find(part => !(part in PARTS));
  if (unknown !== undefined) {
    throw new Trouble(
      `There is no part "${unknown}": choose among ${Object.keys(PARTS).join(', ')}.`,
      'npm run bench -- --only open'
    );
  }
  const runs = Number(values.runs ?? 7);
  if (!(Number.isInteger(runs) && runs >= 1)) {
    throw new Trouble(
      `--runs ${values.runs} is no number of times.`,
      'npm run bench -- --runs 7'
    );
  }
  return {
    only: Object.keys(PARTS).filter(part => only.includes(part)),
    runs,
    help: values.help
  };
}

/** The interpreter that `npm test` names, or its environment, which is made if need be: some parts use what tests use. */
async function interpreter() {
  const given = process.env.JUPYTER_MLFLOW_TEST_PYTHON_NEWEST;
  if (given) {
    return given;
  }
  const python = findPython();
  const progress = new Progress();
  const steps = missingSteps('dev', python);
  progress.expect(steps.length);
  await doSteps(steps, progress);
  return pythonOf(existingEnvironment('dev', python));
}

/** Builds the bundle, and sees that the browser starts before anything is measured. */
async function browserVersion(bundle) {
  bundle();
  const { launch } = await import('./lib/browser.mjs');
  const browser = await launch();
  const version = browser.version();
  await browser.close();
  return version;
}

function mlflowVersion(python) {
  const ask =
    'from importlib.metadata import version; print(version("mlflow"))';
  return spawnSync(python, ['-c', ask], { encoding: 'utf8' }).stdout.trim();
}

/** Written where a person who compares two runs finds it. */
function keep(line, reports) {
  mkdirSync(benchFolder, { recursive: true });
  const text = [
    `# ${line}`,
    ...reports.map(
      ({ title, lines }) =>
        `\n## ${title}\n${lines.map(each => `- ${each}`).join('\n')}`
    )
  ].join('\n');
  const file = join(
    benchFolder,
    `figures-${new Date().toISOString().replace(/[:.]/g, '-')}.md`
  );
  writeFileSync(file, `${text}\n`);
}
