// What loads with JupyterLab, what it costs the main thread, and that nobody is asked before the panel is shown.
import { createServer } from 'node:http';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { LIMIT_BYTES, startUpFiles } from '../scripts/bundle-size.mjs';
import { VIEWPORT, launch, openLab } from './lib/browser.mjs';
import { startJupyter } from './lib/servers.mjs';

const OURS = /\/lab\/extensions\/jupyter-mlflow\//;

/** @param {import('./main.mjs').Context} context */
export async function startup({ python, bundle, runs, report }) {
  const { labextensions, folder } = bundle();
  const files = await startUpFiles(folder);
  const total = files.reduce((sum, { gzip }) => sum + gzip, 0);
  report.goal(
    'files that load with JupyterLab, gzipped',
    total / 1000,
    'kB',
    `≤ ${LIMIT_BYTES / 1000} kB`,
    total <= LIMIT_BYTES
  );
  for (const { name, gzip } of files) {
    report.figure(`  ${name}`, gzip / 1000, 'kB');
  }
  const schemas = readdirSync(join(folder, 'schemas', 'jupyter-mlflow')).map(
    name =>
      gzipSync(readFileSync(join(folder, 'schemas', 'jupyter-mlflow', name)))
        .length
  );
  report.figure(
    'settings schemas, which JupyterLab sends with all others',
    schemas.reduce((sum, size) => sum + size, 0) / 1000,
    'kB'
  );

  let asked = 0;
  const tracking = createServer((request, response) => {
    asked += 1;
    response.writeHead(503).end();
  });
  await new Promise(resolve => tracking.listen(0, '127.0.0.1', resolve));
  const trackingUri = `http://127.0.0.1:${tracking.address().port}`;
  const jupyter = await startJupyter({ python, labextensions, trackingUri });
  const browser = await launch();
  try {
    const inclusive = [];
    const self = [];
    const tasks = { with: [], without: [] };
    let own = 0;
    let loaded = 0;
    for (let round = -1; round < runs; round++) {
      for (const way of round % 2 ? ['with', 'without'] : ['without', 'with']) {
        const seen = await startOnce(browser, jupyter, way === 'with');
        if (round < 0) {
          continue;
        }
        tasks[way].push(seen.taskMs);
        if (way === 'with') {
          inclusive.push(seen.inclusiveMs);
          self.push(seen.selfMs);
          own += seen.ownRequests;
          loaded = seen.loadedBytes;
        }
      }
    }
    report.figure(
      'files of ours that the browser fetched, gzipped',
      loaded / 1000,
      'kB'
    );
    const ms = report.times(
      'main thread below our code, from a CPU profile',
      inclusive
    );
    report.times('main thread in our code itself', self);
    report.goal('main-thread cost at the start', ms, 'ms', '≤ 50 ms', ms <= 50);
    const without = report.times(
      'all tasks of the main thread, without us',
      tasks.without
    );
    const withUs = report.times(
      'all tasks of the main thread, with us',
      tasks.with
    );
    report.figure('difference of these', withUs - without, 'ms');
    report.goal(
      'requests to a tracking server before the panel is shown',
      asked,
      '',
      '0',
      asked === 0
    );
    report.goal(
      'requests to our routes before the panel is shown',
      own,
      '',
      '0',
      own === 0
    );
  } finally {
    await browser.close();
    await jupyter.end();
    tracking.close();
  }
}

/** JupyterLab, opened once in a browser that has its files in its cache. */
async function startOnce(browser, jupyter, withUs) {
  const page = await browser.newPage({ viewport: VIEWPORT });
  const devtools = await page.context().newCDPSession(page);
  let ownRequests = 0;
  const bodies = [];
  page.on('request', request => {
    if (
      /\/jupyter-mlflow\/(status|servers|jobs|environments)/.test(request.url())
    ) {
      ownRequests += 1;
    }
  });
  page.on('response', response => {
    if (OURS.test(response.url())) {
      bodies.push(
        response.body().then(
          body => gzipSync(body).length,
          () => 0
        )
      );
    }
  });
  if (!withUs) {
    await page.route(/\/lab\/?(\?|workspaces|$)/, async route => {
      const answer = await route.fetch();
      await route.fulfill({
        response: answer,
        body: withoutUs(await answer.text())
      });
    });
  }
  await devtools.send('Performance.enable');
  await devtools.send('Profiler.enable');
  await devtools.send('Profiler.setSamplingInterval', { interval: 200 });
  await devtools.send('Profiler.start');
  await openLab(page, jupyter, { panel: false });
  const { profile } = await devtools.send('Profiler.stop');
  const { metrics } = await devtools.send('Performance.getMetrics');
  const loadedBytes = (await Promise.all(bodies)).reduce(
    (sum, size) => sum + size,
    0
  );
  await page.close();
  const taskMs =
    1000 * metrics.find(({ name }) => name === 'TaskDuration').value;
  return { ...costOf(profile), taskMs, ownRequests, loadedBytes };
}

/** The page of JupyterLab with our entry taken out of its list of extensions. */
function withoutUs(html) {
  return html.replace(
    /(<script id="jupyter-config-data"[^>]*>)([\s\S]*?)(<\/script>)/,
    (_, open, text, close) => {
      const config = JSON.parse(text);
      config.federated_extensions = config.federated_extensions.filter(
        ({ name }) => name !== 'jupyter-mlflow'
      );
      return open + JSON.stringify(config).replaceAll('<', '\\u003c') + close;
    }
  );
}

/** Milliseconds in stacks that go through our files (`inclusiveMs`), and those whose top is in one (`selfMs`). */
function costOf({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map(node => [node.id, node]));
  const below = new Set();
  const visit = (node, within) => {
    const isOurs = within || OURS.test(node.callFrame.url);
    if (isOurs) {
      below.add(node.id);
    }
    node.children?.forEach(id => visit(byId.get(id), isOurs));
  };
  visit(nodes[0], false);
  let inclusive = 0;
  let self = 0;
  samples.forEach((id, i) => {
    if (below.has(id)) {
      inclusive += timeDeltas[i];
      self += OURS.test(byId.get(id).callFrame.url) ? timeDeltas[i] : 0;
    }
  });
  return { inclusiveMs: inclusive / 1000, selfMs: self / 1000 };
}
