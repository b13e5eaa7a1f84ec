import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { Gate } from './gate';
import {
  openNew,
  openNotebook,
  runCell,
  saveNotebook,
  startKernel
} from './notebooks';
import {
  countRequests,
  expectState,
  keptLayers,
  layersOf,
  mimeType,
  output,
  putOutputs,
  trust
} from './outputs';

const NAME = 'outputs.ipynb';
const VIEW = 'application/vnd.jupyter.widget-view+json';

/** What somebody could choose to name and to log; each has a word by which it is found again. */
const HOSTILE = {
  html: 'html<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>',
  formula: '$\\alpha$ formula \\(x\\)',
  colors: '\u001b[31mcolors\u001b[0m',
  wide: '👩‍🔬 wide 漢字',
  right: 'عربي right \u202eevil',
  long: `long ${'x'.repeat(10_000)}`
};

function isHacked(page: Page): Promise<boolean> {
  return page.evaluate(() => 'hacked' in window);
}

test('should ask nothing in a notebook that is not trusted, whatever kind of output it has', async ({
  page,
  panel,
  app,
  tmpPath,
  mlflow
}) => {
  const { id } = await mlflow.createExperiment('saved');
  const run = await mlflow.createRun(id, { metrics: { acc: [0.1, 0.2] } });
  // A server of its own, which counts what reaches it.
  const gate = await Gate.before(mlflow.url);
  const added = await page.request.post('jupyter-mlflow/servers', {
    data: { name: 'counted', uri: gate.url }
  });
  expect(added.status()).toBe(201);
  const ids = { server_id: ((await added.json()) as { id: string }).id };
  const at = { at: 1_700_000_000_000, truncated: false };
  const [name] = Object.values(HOSTILE);
  const kinds = {
    table: [
      { experiment_ids: [id], filter: '', order_by: null, max_results: 5 },
      { columns: [], rows: [[run, id, name, 'RUNNING', 1, null]] }
    ],
    card: [
      { run_id: run, experiment_id: id },
      {
        name,
        status: 'RUNNING',
        lifecycle_stage: 'active',
        start_time: 1,
        end_time: null,
        metrics: [['acc', 0.2]],
        params: [],
        tags: [],
        artifacts: []
      }
    ],
    chart: [
      { run_ids: [run], keys: ['acc'], x: 'step', smooth: 0, log: false },
      { lines: [{ run_id: run, name, key: 'acc', points: [[0, 1, 0.1]] }] }
    ],
    compare: [
      { run_ids: [run], all: true },
      { runs: [[run, name, 'RUNNING']], rows: [['metrics', 'acc', [0.2]]] }
    ],
    model: [{ name: 'a model' }, { versions: [['1', '', name, run, 1]] }],
    status: [{ topic: 'status' }, { rows: [['experiment', name]] }]
  } as const;
  const outputs = Object.entries(kinds).map(([kind, [asked, snapshot]]) => ({
    ...layersOf(kind, { ...ids, ...asked }, { ...snapshot, ...at }),
    // As a kernel with ipywidgets shows it, too.
    ...(kind === 'status'
      ? {}
      : {
          [VIEW]: { version_major: 2, version_minor: 0, model_id: `id-${kind}` }
        })
  }));
  // A box of ipywidgets, which our renderer is not asked about.
  const box = {
    [VIEW]: { version_major: 2, version_minor: 0, model_id: 'id-box' },
    'text/plain': 'VBox()'
  };
  const path = await putOutputs(page, `${tmpPath}/${NAME}`, [...outputs, box]);
  await startKernel(page, path);
  const asked = countRequests(page);
  gate.asked.length = 0;
  await panel.openApplication(NAME);
  await openNotebook(page, app, path);
  for (const kind of Object.keys(kinds)) {
    await expectState(output(page, kind), 'static');
    await expect(output(page, kind)).toContainText('html<img');
  }
  for (const kind of ['table', 'chart', 'model']) {
    await expect(
      output(page, kind).getByText('Trust the notebook to see it live')
    ).toBeVisible();
    await expect(output(page, kind).getByRole('link')).toHaveCount(0);
  }
  await expect(
    page.locator('.jp-NotebookPanel:visible').getByText('VBox()')
  ).toBeVisible();
  expect(asked).toEqual([]);
  expect(gate.asked).toEqual([]);
  expect(await isHacked(page)).toBe(false);
  // The count counts: now they ask.
  await trust(page);
  await expectState(output(page, 'card'), 'live');
  expect(gate.asked.some(each => each.includes('runs/get'))).toBe(true);
  await page.request.delete(`jupyter-mlflow/servers/${ids.server_id}`);
  await gate.close();
});

test('should show names and values as text in each layer, in boxes of ipywidgets and as exported', async ({
  page,
  panel,
  tmpPath,
  mlflow
}) => {
  const { id, name } = await mlflow.createExperiment('hostile');
  const entries = Object.entries(HOSTILE).filter(([key]) => key !== 'long');
  const params = Object.fromEntries(
    // MLflow keeps 6000 characters of a parameter, and 8000 of a tag.
    Object.entries(HOSTILE).map(([key, text]) => [key, text.slice(0, 6000)])
  );
  for (const [, text] of entries) {
    await mlflow.createRun(id, {
      name: text,
      params,
      metrics: { acc: [1, 2] }
    });
  }
  const path = await openNew(panel, `${tmpPath}/${NAME}`, ['a', 'b', 'c', 'd']);
  const cells = page.locator('.jp-NotebookPanel:visible .jp-Cell');
  await runCell(
    page,
    0,
    `%mlflow connect ${mlflow.url}\n%mlflow experiment "${name}"\n%mlflow runs --columns html,formula,long`
  );
  await expectState(output(page, 'table'), 'live');
  await runCell(page, 1, '%mlflow chart acc');
  await expectState(output(page, 'chart'), 'live');
  await runCell(page, 2, '%mlflow compare params.html != "" --all');
  await expectState(output(page, 'compare'), 'live');
  await runCell(
    page,
    3,
    [
      'import ipywidgets',
      'from jupyter_mlflow import Compare, MetricChart, RunCard, RunTable',
      'run, *_ = RunTable().runs',
      'ipywidgets.VBox([RunTable(), RunCard(run), MetricChart("acc"), Compare(run, all=True)])'
    ].join('\n')
  );
  const boxed = cells.nth(3).locator('[data-mlflow-widget]');
  await expect(boxed).toHaveCount(4);
  for (const at of [0, 1, 2]) {
    const layers = await keptLayers(page, at);
    for (const [key] of entries) {
      await expect(cells.nth(at)).toContainText(key);
      expect(String(layers['text/plain'])).toContain(key);
    }
    const kind = ['table', 'chart', 'compare'][at];
    const { snapshot } = layers[mimeType(kind)] as { snapshot: object };
    expect(JSON.stringify(snapshot).length).toBeLessThan(30_000);
    // What would turn the text around, or color a terminal, is not there any more.
    expect(JSON.stringify(layers)).not.toMatch(/\\u001b|\u202e/);
  }
  for (const at of [0, 2, 3]) {
    await expectState(boxed.nth(at), 'live');
    await expect(boxed.nth(at)).toContainText('<script>');
  }
  await expectState(boxed.nth(1), 'live');
  await expect(boxed.nth(1)).toContainText('long xxxx');
  // However long they are, nothing is wider than the notebook, and a table ends with its last row.
  for (const at of [0, 1, 2, 3]) {
    const { heads, edge, room } = await cells.nth(at).evaluate(cell => {
      const area = cell.querySelector('.jp-OutputArea');
      const heads = [...cell.querySelectorAll('.jp-mlflow-Widget-head')];
      return {
        heads: heads.length,
        edge: Math.max(
          ...heads.map(head => head.getBoundingClientRect().right)
        ),
        room: area?.getBoundingClientRect().right ?? 0
      };
    });
    expect(heads).toBe(at === 3 ? 4 : 1);
    expect(edge).toBeLessThanOrEqual(room);
  }
  const strip = await cells.first().evaluate(cell => {
    const rows = cell.querySelectorAll('tr[data-mlflow-run-id]');
    const scroller = cell.querySelector('.jp-mlflow-RunTable-scroller');
    const last = rows[rows.length - 1].getBoundingClientRect();
    const { top = 0 } = scroller?.getBoundingClientRect() ?? {};
    return top + (scroller?.clientHeight ?? 0) - last.bottom;
  });
  expect(Math.abs(strip)).toBeLessThan(2);
  // Nothing of them became an element or a formula.
  const made = page.locator(
    '[data-mlflow-widget] :is(img, script:not([type]), mjx-container, b)'
  );
  await expect(made).toHaveCount(0);
  expect(await isHacked(page)).toBe(false);

  await saveNotebook(page);
  const exported = await page.context().newPage();
  // What an exported page loads from elsewhere it does without here.
  await exported.route(
    url => !url.href.startsWith(new URL(page.url()).origin),
    route => route.abort()
  );
  await exported.goto(`nbconvert/html/${path}?download=false`);
  const read = exported.locator('.jp-OutputArea-output table');
  await expect(read).toHaveCount(3);
  for (const at of [0, 1, 2]) {
    for (const [key] of entries) {
      await expect(read.nth(at)).toContainText(key);
    }
    await expect(read.nth(at)).toContainText('html<img');
    await expect(read.nth(at).locator('img, script, b')).toHaveCount(0);
  }
  expect(await isHacked(exported)).toBe(false);
  await exported.close();
});
