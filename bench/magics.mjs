// `%mlflow`: what it costs the kernel, and how long after the cell its table is painted.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { root } from '../scripts/lib/paths.mjs';
import { Trouble } from '../scripts/lib/trouble.mjs';
import { idle, launch, openLab, VIEWPORT } from './lib/browser.mjs';
import { summary } from './lib/figures.mjs';
import { Connection } from './lib/http.mjs';
import { startJupyter, startMlflow } from './lib/servers.mjs';
import { benchFolder } from './lib/stores.mjs';

const RUNS = 100;
const NOTEBOOK = 'magics.ipynb';
const TABLE = '[data-mlflow-widget="table"]';
/** Rows that a table below a cell shows at once. */
const ROWS = 5;

/** @param {import('./main.mjs').Context} context */
export async function magics({ python, bundle, runs, report }) {
  inKernel(python, runs, report);
  await inPage({ python, bundle, runs, report });
}

function inKernel(python, runs, report) {
  const done = spawnSync(
    python,
    [join(root, 'bench', 'kernel_magics.py'), runs],
    {
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: `${dirname(python)}${delimiter}${process.env.PATH ?? ''}`,
        PYTHONPATH: join(root, 'python-shim')
      }
    }
  );
  if (done.status !== 0) {
    throw new Trouble(
      `It failed: ${done.stderr.slice(-2000)}`,
      'npm run bench -- --only magics'
    );
  }
  const times = JSON.parse(done.stdout.trim().split('\n').at(-1));
  report.times('importing the shim, wall', times.import);
  const imported = report.times(
    "importing the shim, the kernel's own time",
    times.import_cpu
  );
  report.goal(
    'importing the shim',
    imported,
    'ms',
    '≤ 10 ms of the kernel',
    imported <= 10
  );
  const first = report.times(
    "%mlflow for the first time, the kernel's own time",
    times.first
  );
  report.goal('%mlflow for the first time', first, 'ms', '≤ 20', first <= 20);
  const magic = report.times('%mlflow from then on', times.magic);
  report.goal('%mlflow', magic, 'ms', '≤ 20', magic <= 20);
  report.times("IPython's own %env", times.peer);
  const mlflow = report.times('import mlflow in the same kernel', times.mlflow);
  report.figure('import mlflow / importing the shim', mlflow / imported, '×');
}

async function inPage({ python, bundle, runs, report }) {
  const store = join(benchFolder, 'magics.db');
  rmSync(store, { force: true });
  mkdirSync(benchFolder, { recursive: true });
  const mlflow = await startMlflow(python, store);
  const jupyter = await startJupyter({
    python,
    labextensions: bundle().labextensions,
    trackingUri: mlflow.url
  });
  const bare = new Connection(mlflow.url, { 'Accept-Encoding': 'identity' });
  const browser = await launch();
  try {
    const experiment = await fill(bare);
    const page = await browser.newPage({ viewport: VIEWPORT });
    const scripts = [];
    page.on('response', response => scripts.push(isPlotly(response)));
    await openNotebook(page, jupyter);
    const times = { still: [], live: [], bare: [] };
    // A round that does not count loads the views.
    for (let round = -1; round < runs; round++) {
      const asked = await search(bare, experiment, round);
      const painted = await tableAfterCell(page, round);
      if (round >= 0) {
        times.bare.push(asked);
        times.still.push(painted.still);
        times.live.push(painted.live);
      }
    }
    report.times(`bare runs/search of ${RUNS} runs`, times.bare);
    report.times(
      "the kernel's snapshot is painted, after the reply",
      times.still
    );
    report.times('live rows are painted, after the reply', times.live);
    const over = summary(
      times.live.map((ms, round) => ms - times.bare[round])
    ).median;
    report.goal(
      `table of ${RUNS} runs after the reply, over the bare request`,
      over,
      'ms',
      '≤ 150',
      over <= 150
    );
    const before = (await Promise.all(scripts)).filter(Boolean).length;
    for (let chart = 0; chart < 2; chart++) {
      await runCell(page, '%mlflow chart loss --last 3');
      await page
        .locator('[data-mlflow-widget="chart"] .main-svg')
        .first()
        .waitFor({ timeout: 60_000 });
    }
    const loads = (await Promise.all(scripts)).filter(Boolean).length;
    report.goal(
      `loads of plotly (${before} before the first chart)`,
      loads,
      '',
      'once, and only for a chart',
      before === 0 && loads === 1
    );
  } finally {
    bare.close();
    await browser.close();
    await Promise.all([jupyter.end(), mlflow.end()]);
  }
}

async function isPlotly(response) {
  if (!/jupyter-mlflow\/static\/.*\.js/.test(response.url())) {
    return false;
  }
  const text = await response.text().catch(() => '');
  return text.length > 500_000 && text.includes('plotly');
}

async function post(bare, path, body) {
  const answer = await bare.send(`/api/2.0/mlflow/${path}`, {
    method: 'POST',
    body
  });
  if (answer.status !== 200) {
    throw new Error(`${path}: ${answer.status} ${answer.text()}`);
  }
  return { ...answer, json: JSON.parse(answer.text()) };
}

/** Runs of the experiment 0; its id. */
async function fill(bare) {
  for (let number = 0; number < RUNS; number++) {
    const { json } = await post(bare, 'runs/create', {
      experiment_id: '0',
      run_name: `run ${number}`,
      start_time: Date.now()
    });
    const run_id = json.run.info.run_id;
    const keys = [0, 1, 2, 3, 4, 5, 6, 7];
    await post(bare, 'runs/log-batch', {
      run_id,
      params: keys.map(key => ({ key: `p${key}`, value: String(number) })),
      metrics: [...keys.map(key => `m${key}`), 'loss'].map(key => ({
        key,
        value: 1 / (number + 1),
        timestamp: Date.now(),
        step: 0
      }))
    });
    await post(bare, 'runs/update', {
      run_id,
      status: 'FINISHED',
      end_time: Date.now()
    });
  }
  return '0';
}

async function search(bare, experiment, round) {
  const { ms } = await post(bare, 'runs/search', {
    experiment_ids: [experiment],
    filter: `metrics.loss > -${round + 2}`,
    max_results: RUNS,
    order_by: ['attributes.start_time DESC']
  });
  return ms;
}

/** A notebook of one cell whose kernel has answered. */
async function openNotebook(page, jupyter) {
  writeFileSync(
    join(benchFolder, 'jupyter', 'root', NOTEBOOK),
    JSON.stringify({
      cells: [
        {
          cell_type: 'code',
          execution_count: null,
          id: 'first',
          metadata: {},
          outputs: [],
          source: ''
        }
      ],
      metadata: {
        kernelspec: {
          name: 'python3',
          display_name: 'Python 3',
          language: 'python'
        }
      },
      nbformat: 4,
      nbformat_minor: 5
    })
  );
  await openLab(page, jupyter, { panel: false });
  await page.evaluate(async path => {
    const panel = await window.jupyterapp.commands.execute('docmanager:open', {
      path
    });
    await panel.sessionContext.ready;
    await panel.revealed;
    window.__panel = panel;
  }, NOTEBOOK);
  await runCell(page, '%mlflow');
  await idle(page);
}

/** Runs the one cell, to its reply. */
async function runCell(page, source) {
  await page.evaluate(async source => {
    const { content } = window.__panel;
    content.activeCellIndex = 0;
    content.activeCell.model.sharedModel.setSource(source);
    await window.jupyterapp.commands.execute('notebook:run-cell');
  }, source);
}

/**
 * Milliseconds from the cell's reply until the snapshot's rows, and until live rows, have been painted. What is asked differs
 * with each round, so that nothing of the answer is there before.
 */
async function tableAfterCell(page, round) {
  await runCell(page, 'pass');
  await idle(page);
  return page.evaluate(
    async ({ table, count, line }) => {
      const { content, sessionContext } = window.__panel;
      const { kernel } = sessionContext.session;
      let replied = 0;
      const onMessage = (_, { msg, direction }) => {
        if (direction === 'recv' && msg.header.msg_type === 'execute_reply') {
          replied ||= performance.now();
        }
      };
      kernel.anyMessage.connect(onMessage);
      const painted = selector =>
        new Promise(resolve => {
          const look = () =>
            document.querySelectorAll(selector).length >= count
              ? requestAnimationFrame(() =>
                  requestAnimationFrame(() => resolve(performance.now()))
                )
              : requestAnimationFrame(look);
          look();
        });
      const rows = '[data-mlflow-run-id]';
      const still = painted(`${table} ${rows}`);
      const live = painted(`${table}[data-state="live"] ${rows}`);
      content.activeCell.model.sharedModel.setSource(line);
      await window.jupyterapp.commands.execute('notebook:run-cell');
      const [stillAt, liveAt] = await Promise.all([still, live]);
      kernel.anyMessage.disconnect(onMessage);
      return { still: stillAt - replied, live: liveAt - replied };
    },
    {
      table: TABLE,
      count: ROWS,
      line: `%mlflow runs metrics.loss > -${round + 2} --last ${RUNS}`
    }
  );
}
