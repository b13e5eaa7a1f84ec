// What recording costs a cell, what is lost of what it prints, and what the ledger bears.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/lib/paths.mjs';
import { Trouble } from '../scripts/lib/trouble.mjs';
import { summary } from './lib/figures.mjs';
import { benchFolder } from './lib/stores.mjs';

/** Of a hundred cells each, for each way of recording. */
const BLOCKS = 10;
const NAMES = {
  kept: 'kept',
  sent: 'kept and sent',
  slow: 'kept and sent to a server that takes 1 s for each answer',
  hanging: 'kept, its server not answering'
};
/** Longest step of Jupyter's event loop. */
const HOLD_MS = 20;

/** @param {import('./main.mjs').Context} context */
export async function recorder({ python, runs, report }) {
  mkdirSync(benchFolder, { recursive: true });
  const { hooks, ledger } = measure(python, 'recorder_times.py', []);
  for (const [size, ways] of Object.entries(hooks)) {
    for (const [hook, times] of Object.entries(ways)) {
      report.times(`in the hook ${hook} a cell of ${size} characters`, times);
      const p99 = percentile(times, 0.99);
      report.goal('99 of 100 times', p99, 'ms', '< 1 ms', p99 < 1);
    }
  }
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
  const blocks = String(Math.max(BLOCKS, runs));
  const {
    cells,
    flood,
    flood_passed_on: passedOn
  } = measure(python, 'recorder_traffic.py', [blocks]);
  roundTrips(cells, report);
  manyLines('50,000 lines', flood, report);
  manyLines('50,000 lines, all passed on to the page', passedOn, report);
}

/** Blocks of cells that are not recorded differ: what a recorded one takes beyond them is its own. */
function roundTrips({ times, holds }, report) {
  const { off, off_too, ...ways } = times;
  const medians = blocks => blocks.map(block => summary(block).median);
  const noise = summary([...medians(off), ...medians(off_too)]);
  const bare = report.times('a cell, not recorded', [off, off_too].flat(2));
  report.figure('blocks of such cells differ by', noise.max / noise.min, '×');
  for (const [way, blocks] of Object.entries(ways)) {
    const name = `a cell, ${NAMES[way]}`;
    const ratio = report.times(name, blocks.flat()) / bare;
    const median = summary(medians(blocks)).median;
    report.goal(
      `${NAMES[way]} / not recorded`,
      ratio,
      '×',
      `within noise, ≤ ${(noise.max / bare).toFixed(2)} ×`,
      median <= noise.max
    );
    hold(name, holds[way], report);
  }
  hold('a cell, not recorded', [...holds.off, ...holds.off_too], report);
}

function manyLines(what, { times, lost, holds, processor }, report) {
  for (const [kind, name] of [
    ['kernel', `${what}, by the kernel's clock`],
    ['page', `${what}, until the page has what it gets of them`]
  ]) {
    const off = report.times(`${name}, not recorded`, times.off[kind]);
    const ratio = report.times(`${name}, recorded`, times.kept[kind]) / off;
    if (kind === 'kernel') {
      report.goal('recorded / not', ratio, '×', '≤ 1.05 ×', ratio <= 1.05);
    } else {
      report.figure('recorded / not', ratio, '×');
    }
  }
  report.times("of Jupyter's processor time, not recorded", processor.off);
  report.times("of Jupyter's processor time, recorded", processor.kept);
  report.goal('lines lost', lost, '', '0', lost === 0);
  hold(`${what}, recorded`, holds.kept, report);
}

function hold(name, holds, report) {
  const longest = holds.reduce((one, two) => (two.ms > one.ms ? two : one));
  const met = longest.ms <= HOLD_MS;
  const title = `the event loop was held, ${name}`;
  report.goal(title, longest.ms, 'ms', `≤ ${HOLD_MS} ms`, met);
  if (!met) {
    report.note(`by ${longest.what}`);
  }
}

function measure(python, script, args) {
  const done = spawnSync(
    python,
    [join(root, 'bench', script), join(benchFolder, 'recorder'), ...args],
    { encoding: 'utf8', maxBuffer: 2 ** 28 }
  );
  if (done.status !== 0) {
    throw new Trouble(
      'The recorder could not be measured.',
      done.stderr.trim().split('\n').pop() ?? ''
    );
  }
  return JSON.parse(done.stdout);
}

function percentile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}
