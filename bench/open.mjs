// From the click on an experiment to the first screen of its runs: ours, MLflow's own page, and the bare request.
import { VIEWPORT, idle, launch, openLab, watchPaint } from './lib/browser.mjs';
import { summary } from './lib/figures.mjs';
import { Connection } from './lib/http.mjs';
import { startJupyter, startMlflow } from './lib/servers.mjs';
import { EXPERIMENTS } from './lib/stores.mjs';

const OPEN_TABLE = 'mlflow:open-run-table';
/** Rows that make a first screen: fewer fit into the panel, whose height is shared with the experiments. */
const SCREEN = { panel: 5, table: 10, mlflow: 10 };

/** @param {import('./main.mjs').Context} context */
export async function open({ python, store, bundle, runs, report }) {
  const mlflow = await startMlflow(python, store);
  const jupyter = await startJupyter({
    python,
    labextensions: bundle().labextensions,
    trackingUri: mlflow.url
  });
  const browser = await launch();
  const bare = new Connection(mlflow.url, { 'Accept-Encoding': 'identity' });
  const times = new Map();
  const note = (experiment, way, ms) => {
    const key = `${experiment}/${way}`;
    times.set(key, [...(times.get(key) ?? []), ms]);
  };
  try {
    const lab = await browser.newPage({ viewport: VIEWPORT });
    const own = await browser.newPage({ viewport: VIEWPORT });
    // A round that does not count fills the browser's cache and the store's.
    for (let round = -1; round < runs; round++) {
      const names = rotated(Object.keys(EXPERIMENTS), round);
      const keep = round < 0 ? () => {} : note;
      const ways = [
        () => ours(lab, jupyter, bare, names, keep, 'panel'),
        () => theirs(own, mlflow, names, keep),
        () => ours(lab, jupyter, bare, names, keep, 'table'),
        () => theirsCold(own, mlflow, names, keep)
      ];
      for (const way of rotated(ways, round)) {
        await way();
      }
    }
    for (const name of Object.keys(EXPERIMENTS)) {
      tell(report, name, way => times.get(`${name}/${way}`));
    }
  } finally {
    bare.close();
    await browser.close();
    await Promise.all([jupyter.end(), mlflow.end()]);
  }
}

function rotated(list, by) {
  const at = (by + list.length) % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

function tell(report, name, of) {
  const warm = report.times(
    `${name}: MLflow's page, already loaded`,
    of('mlflow')
  );
  report.times(`${name}: MLflow's page, opened cold`, of('mlflow-cold'));
  for (const place of ['panel', 'table']) {
    const median = report.times(`${name}: our ${place}`, of(place));
    report.goal(
      `${name}: our ${place} / MLflow's page`,
      median / warm,
      '',
      '≤ 0.2',
      median <= warm / 5
    );
    const over = summary(
      of(place).map((ms, round) => ms - of(`${place}-bare`)[round])
    ).median;
    report.goal(
      `${name}: our ${place} over the bare request`,
      over,
      'ms',
      '≤ 150 ms',
      over <= 150
    );
    report.times(
      `${name}: the bare request of the ${place}'s first page`,
      of(`${place}-bare`)
    );
    report.times(
      `${name}: the same by fetch through the forwarder`,
      of(`${place}-fetch`)
    );
  }
}

/** A fresh JupyterLab, whose cache holds nothing of these experiments; each is opened once. */
async function ours(page, jupyter, bare, names, keep, place) {
  await openLab(page, jupyter, { panel: true });
  // An empty experiment first: what is loaded lazily is there, as it is in MLflow's page below.
  await page
    .locator('[data-mlflow-panel] [data-mlflow-experiment-id="0"]')
    .click();
  if (place === 'table') {
    await openTable(page, jupyter, '0');
    await page.locator('.jp-MainAreaWidget').getByText('No runs yet').waitFor();
  }
  for (const name of names) {
    const id = EXPERIMENTS[name];
    await idle(page);
    const asked = page.waitForRequest(
      request =>
        isSearch(request) && request.postDataJSON().experiment_ids?.[0] === id
    );
    const scope =
      place === 'panel' ? '[data-mlflow-panel]' : '.jp-MainAreaWidget';
    const selector = `${scope} [data-mlflow-run-id^="${id.padStart(8, '0')}"]`;
    let painted;
    if (place === 'panel') {
      painted = await watchPaint(page, {
        selector,
        count: SCREEN.panel,
        start: 'click'
      });
      await page
        .locator(`[data-mlflow-panel] [data-mlflow-experiment-id="${id}"]`)
        .click();
    } else {
      const args = JSON.stringify({
        experimentId: id,
        serverId: jupyter.mlflowId
      });
      painted = await watchPaint(page, {
        selector,
        count: SCREEN.table,
        start: 'now',
        go: `jupyterapp.commands.execute('${OPEN_TABLE}', ${args})`
      });
    }
    const { ms } = await painted();
    keep(name, place, ms);
    const body = (await asked).postDataJSON();
    const answer = await bare.send('/ajax-api/2.0/mlflow/runs/search', {
      method: 'POST',
      body
    });
    keep(name, `${place}-bare`, answer.ms);
    keep(name, `${place}-fetch`, await fetchInPage(page, jupyter, body));
  }
}

const isSearch = request =>
  request.method() === 'POST' && request.url().endsWith('/mlflow/runs/search');

async function openTable(page, jupyter, experimentId) {
  await page.evaluate(
    ([command, args]) => window.jupyterapp.commands.execute(command, args),
    [OPEN_TABLE, { experimentId, serverId: jupyter.mlflowId }]
  );
}

function fetchInPage(page, jupyter, body) {
  return page.evaluate(
    async ([url, text]) => {
      const xsrf = /(?:^|; )_xsrf=([^;]*)/.exec(document.cookie)?.[1] ?? '';
      const began = performance.now();
      const answer = await fetch(url, {
        method: 'POST',
        body: text,
        headers: { 'Content-Type': 'application/json', 'X-XSRFToken': xsrf }
      });
      await answer.text();
      return performance.now() - began;
    },
    [jupyter.forward('ajax-api/2.0/mlflow/runs/search'), JSON.stringify(body)]
  );
}

const rowsOf = id => `a[href*="/experiments/${id}/runs/"]`;

/** MLflow's page, loaded, its code for lists of runs too (by an empty experiment), then led to each list. */
async function theirs(page, mlflow, names, keep) {
  await page.goto('about:blank');
  await page.goto(`${mlflow.url}/#/experiments/0/runs`);
  await page
    .getByText('matching runs')
    .or(page.getByText('No runs'))
    .or(page.locator('.ag-root'))
    .first()
    .waitFor({ timeout: 120_000 });
  for (const name of names) {
    const id = EXPERIMENTS[name];
    await page.evaluate(() => (location.hash = '#/experiments'));
    await page
      .locator(`a[href*="#/experiments/${id}"]`)
      .first()
      .waitFor({ timeout: 60_000 });
    await idle(page);
    const painted = await watchPaint(page, {
      selector: rowsOf(id),
      count: SCREEN.mlflow,
      start: 'now',
      go: `location.hash = '#/experiments/${id}/runs'`
    });
    keep(name, 'mlflow', (await painted()).ms);
  }
}

/** The address of the list, opened in a new page; the browser's cache holds MLflow's files. */
async function theirsCold(page, mlflow, names, keep) {
  for (const name of names) {
    await page.goto('about:blank');
    const began = performance.now();
    await page.goto(`${mlflow.url}/#/experiments/${EXPERIMENTS[name]}/runs`, {
      waitUntil: 'commit'
    });
    await page
      .locator(rowsOf(EXPERIMENTS[name]))
      .nth(SCREEN.mlflow)
      .waitFor({ timeout: 120_000 });
    keep(name, 'mlflow-cold', performance.now() - began);
  }
}
