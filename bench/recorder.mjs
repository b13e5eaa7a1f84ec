// What recording costs a cell, what is lost of what it prints, and what the ledger bears.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/lib/paths.mjs';
import { Trouble } from '../scripts/lib/trouble.mjs';
import { summary } from './lib/figures.mjs';
import { benchFolder } from './lib/stores.mjs';

const MEASURE = join(root, 'bench', 'recorder_times.py');
/** Of a hundred cells each, as many recorded as not: 2,000 cells at least. */
const BLOCKS = 10;

/** @param {import('./main.mjs').Context} context */
export async function recorder({ python, runs, report }) {
  mkdirSync(benchFolder, { recursive: true });
  const folder = join(benchFolder, 'recorder');
  const done = spawnSync(
    python,
    [MEASURE, folder, String(Math.max(BLOCKS, runs))],
    { encoding: 'utf8', maxBuffer: 2 ** 28 }
  );
  if (done.status !== 0) {
    throw new Trouble(
      'The recorder could not be measured.',
      done.stderr.trim().split('\n').pop() ?? ''
    );
  }
  const { hooks, cells, ledger } = JSON.parse(done.stdout);
  for (const [size, ways] of Object.entries(hooks)) {
    for (const [hook, times] of Object.entries(ways)) {
      report.times(`in the hook ${hook} a cell of ${size} characters`, times);
      const p99 = percentile(times, 0.99);
      report.goal('99 of 100 times', p99, 'ms', '< 1 ms', p99 < 1);
    }
  }
  const off = report.times('a cell, not recorded', cells.off);
  const on = report.times('a cell, recorded', cells.on);
  report.figure('recorded / not recorded', on / off, '×');
  report.times('50,000 lines, not recorded', cells.lines_off);
  report.times('50,000 lines, recorded', cells.lines_on);
  const ratio =
    summary(cells.lines_on).median / summary(cells.lines_off).median;
  report.goal('recorded / not recorded', ratio, '×', '≤ 1.05 ×', ratio <= 1.05);
  report.goal('lines lost', cells.lost, '', '0', cells.lost === 0);
  report.goal(
    'the ledger takes in',
    ledger.per_second,
    'executions a second',
    '≥ 1000',
    ledger.per_second >= 1000
  );
  for (const [what, times] of Object.entries(ledger.history)) {
    const ms = report.times(`a history of 100,000: ${what}`, times);
    if (what === 'open') {
      report.goal('opens', ms, 'ms', '≤ 200 ms', ms <= 200);
    }
  }
}

function percentile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}
