// Making an environment by our job, by the same commands typed by hand, and with pip; the ways in turn.
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { root } from '../scripts/lib/paths.mjs';
import { Trouble } from '../scripts/lib/trouble.mjs';
import { benchFolder } from './lib/stores.mjs';
import { summary } from './lib/figures.mjs';

const MEASURE = join(root, 'bench', 'create_environment.py');
/** pip takes minutes, and is there for comparison only. */
const PIP_RUNS = 3;

/** @param {import('./main.mjs').Context} context */
export async function environments({ python, runs, report }) {
  const times = measure(python, runs);
  report.times('the commands typed by hand', times.hand);
  report.times('the job, without its test', times.untested);
  report.times('the job, until MLflow has been tried', times.job);
  report.times('venv and pip by hand', times.pip);
  // Each round's two stand side by side: what slows the machine for a while slows both.
  const over = times.untested.map((ms, round) => ms / times.hand[round]);
  report.times('job without its test / by hand', over, '×');
  report.times(
    'whole job / by hand',
    times.job.map((ms, round) => ms / times.hand[round]),
    '×'
  );
  const { median } = summary(over);
  report.goal(
    'job over the same commands',
    100 * (median - 1),
    '%',
    '≤ 10 %',
    median <= 1.1
  );
  report.figure(
    'pip / the commands with uv',
    summary(times.pip).median / summary(times.hand).median,
    '×'
  );
}

function measure(python, runs) {
  const done = spawnSync(
    python,
    [
      MEASURE,
      join(benchFolder, 'environments'),
      runs,
      Math.min(runs, PIP_RUNS)
    ],
    {
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: `${dirname(python)}${delimiter}${process.env.PATH ?? ''}`,
        PYTHONPATH: join(root, 'python-shim')
      }
    }
  );
  const last = done.stdout.trim().split('\n').at(-1) ?? '';
  const times = done.status === 0 ? JSON.parse(last) : null;
  if (times === null || times.error) {
    throw new Trouble(
      times?.error ?? `It failed: ${(done.stderr || last).slice(-2000)}`,
      'npm run bench -- --only environments'
    );
  }
  return times;
}
