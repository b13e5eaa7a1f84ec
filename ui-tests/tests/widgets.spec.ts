import type { Locator } from '@playwright/test';
import { expect, test } from './fixtures';
import { addKernel, bareEnvironment, ipykernel } from './kernels';
import {
  cellOf,
  openNew,
  openNotebook,
  runCell,
  saveNotebook
} from './notebooks';
import {
  countRequests,
  expectState,
  forgetSnapshot,
  keptLayers,
  layersOf,
  output,
  putOutputs,
  serverId,
  snapshotOf,
  trust
} from './outputs';

const NAME = 'outputs.ipynb';

/** Names as somebody could choose them. */
const HOSTILE = [
  '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>',
  '$\\alpha$ <b>bold</b> %{y} &amp;',
  '\u001b[31mred\u001b[0m',
  '👩‍🔬 عربي \u202eevil'
];

const CELLS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** The file of a model with a signature. */
const MLMODEL = `flavors:
  python_function:
    loader_module: mlflow.sklearn
signature:
  inputs: '[{"type": "double", "name": "age"}]'
`;

// Another zone than the kernel's.
test.use({ timezoneId: 'Asia/Tokyo' });

test.describe('Outputs of %mlflow', () => {
  test('should be live, each kind of them, and keep what the kernel would', async ({
    page,
    panel,
    app,
    tmpPath,
    mlflow
  }) => {
    const { id, name } = await mlflow.createExperiment('outputs');
    const first = await mlflow.createRun(id, {
      name: 'first',
      params: { depth: 3, solver: 'lbfgs' },
      metrics: { acc: [0.5, 0.7, 0.9], loss: [1, 0.5, 0.2512345] }
    });
    const second = await mlflow.createRun(id, {
      name: HOSTILE[0],
      params: { depth: 5, text: HOSTILE[1], solver: 'lbfgs' },
      metrics: { acc: [0.4, 0.6, 0.8], loss: [1.2e-7, 0.7, 12345.678] },
      tags: { team: HOSTILE[3] }
    });
    const model = await mlflow.createModel();
    await mlflow.logText(id, first, 'model/MLmodel', MLMODEL);
    await mlflow.post('model-versions/create', {
      name: model,
      source: `mlflow-artifacts:/${id}/${first}/artifacts/model`,
      run_id: first
    });
    await openNew(panel, `${tmpPath}/${NAME}`, CELLS);
    const commands = [
      ['status', `connect ${mlflow.url}`],
      ['table', `runs --experiment "${name}"`],
      ['card', `show ${second}`],
      ['chart', `chart loss --experiment "${name}" --smooth 0.3`],
      ['compare', `compare ${first} ${second}`],
      ['model', `models ${model}`]
    ];
    for (const [at, [kind, command]] of commands.entries()) {
      await runCell(page, at, `%mlflow ${command}`);
      const state = kind === 'status' ? 'static' : 'live';
      await expectState(output(page, kind), state);
    }
    const rows = output(page, 'table').locator('[data-mlflow-run-id]');
    await expect(rows.filter({ hasText: 'first' })).toContainText('0.9');
    await expect(output(page, 'card')).toContainText(HOSTILE[0]);
    await expect(output(page, 'card')).toContainText(HOSTILE[1]);
    await expect(output(page, 'card')).toContainText('12345.7');
    await expect(output(page, 'compare')).toContainText('depth');
    await expect(output(page, 'compare')).not.toContainText('solver');
    await expect(output(page, 'model')).toContainText(model);
    await expect(output(page, 'model')).toContainText('age');
    const chart = output(page, 'chart');
    await chart.scrollIntoViewIfNeeded();
    await expect(chart.locator('.main-svg').first()).toBeVisible();
    await expect(chart.getByRole('button', { name: 'first' })).toBeVisible();

    // What the kernel saved, the page would have saved in the same words.
    for (const [at, kind] of [
      [1, 'table'],
      [2, 'card'],
      [3, 'chart'],
      [4, 'compare'],
      [5, 'model']
    ] as const) {
      const byKernel = await keptLayers(page, at);
      await forgetSnapshot(page, at, kind);
      await output(page, kind).scrollIntoViewIfNeeded();
      await expect.poll(() => snapshotOf(page, at, kind)).not.toBeNull();
      const byPage = await keptLayers(page, at);
      expect(byPage['text/plain']).toBe(byKernel['text/plain']);
      expect(byPage['text/html']).toBe(byKernel['text/html']);
    }
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);

    if (app === 'lab') {
      // A chart, too, and a comparison: in a tab of their own, live.
      for (const [kind, shown] of [
        ['chart', 'first'],
        ['compare', 'depth']
      ] as const) {
        await output(page, kind).scrollIntoViewIfNeeded();
        await output(page, kind)
          .getByRole('button', { name: 'Open in Main Area' })
          .click();
        const opened = page.locator(
          `.jp-mlflow-OutputView:visible [data-mlflow-widget="${kind}"]`
        );
        await expect(opened).toHaveAttribute('data-state', 'live');
        await expect(opened).toContainText(shown);
        await page.evaluate(
          () => void window.jupyterapp.commands.execute('application:close')
        );
        await expect(opened).toHaveCount(0);
      }
    }

    // A run of an output opens where runs open.
    await output(page, 'card').scrollIntoViewIfNeeded();
    await output(page, 'card')
      .getByRole('button', { name: 'Open Run' })
      .click();
    await expect(
      page.locator(`.jp-mlflow-Run[data-mlflow-run-id="${second}"]`)
    ).toBeVisible();
  });

  test('should begin with the first run after it, and move while the cell that trains still runs', async ({
    page,
    panel,
    tmpPath,
    mlflow
  }) => {
    const { id, name } = await mlflow.createExperiment('training');
    await openNew(panel, `${tmpPath}/${NAME}`, CELLS.slice(0, 3));
    await runCell(page, 0, `%mlflow connect ${mlflow.url}`);
    await expect(output(page, 'status')).toBeVisible({ timeout: 30_000 });
    await runCell(page, 1, `%mlflow chart loss --experiment "${name}"`);
    const chart = output(page, 'chart');
    // No run is there yet.
    await expect(chart).toHaveAttribute('data-state', 'live');
    await expect(chart).toContainText('The chart begins when one does');
    expect(await snapshotOf(page, 1, 'chart')).toMatchObject({ lines: [] });
    await runCell(
      page,
      2,
      [
        'import mlflow, os, time',
        `with mlflow.start_run(run_name="training", experiment_id="${id}"):`,
        '    step = 1',
        '    while not os.path.exists("enough"):',
        '        mlflow.log_metric("loss", 1 / (step + 1), step)',
        '        time.sleep(0.05)',
        '        step += 1'
      ].join('\n')
    );
    const line = chart.getByRole('button', { name: 'training' });
    const value = async (): Promise<number> =>
      Number((await line.textContent())?.replace('training', ''));
    // The kernel imports MLflow first.
    await expect.poll(value, { timeout: 60_000 }).toBeLessThan(0.2);
    const before = await value();
    await expect.poll(value, { intervals: [100] }).toBeLessThan(before);
    await expect(page.locator('.jp-InputPrompt:visible').nth(2)).toHaveText(
      '[*]:'
    );
    await page.contents.uploadContent('', 'text', `${tmpPath}/enough`);
    await expect(page.locator('.jp-InputPrompt:visible').nth(2)).not.toHaveText(
      '[*]:'
    );
    // The cell itself was run once, before: its output has what came, to the end.
    const points = async (): Promise<number> => {
      const kept = await snapshotOf(page, 1, 'chart');
      const [only] = kept?.lines as { points: [number, number, number][] }[];
      return only?.points.at(-1)?.[0] ?? -1;
    };
    const { runs } = (await mlflow.post('runs/search', {
      experiment_ids: [id]
    })) as { runs: { data: { metrics: { step: number }[] } }[] };
    await expect.poll(points).toBe(runs[0].data.metrics[0].step);

    // From another process: within a second of the moment that it is logged, where nothing else keeps the machine busy.
    const live = await mlflow.createRun(id, {
      name: 'elsewhere',
      metrics: { loss: [1] },
      status: null
    });
    await runCell(page, 1, `%mlflow chart loss --experiment "${name}"`);
    const other = chart.getByRole('button', { name: 'elsewhere' });
    await expect(other).toContainText('1');
    const times: number[] = [];
    let step = 0;
    while (step < 20 && Math.min(...times) >= 1000) {
      step += 1;
      await mlflow.logMetric(live, 'loss', 1000 + step, step);
      const start = performance.now();
      await expect
        .poll(() => other.textContent(), { intervals: [20] })
        .toContain(String(1000 + step));
      times.push(Math.round(performance.now() - start));
    }
    test.info().annotations.push({
      type: 'milliseconds until a metric shows',
      description: times.join(', ')
    });
    expect(Math.min(...times)).toBeLessThan(1000);

    // When the run has ended, the notebook keeps its end.
    await mlflow.post('runs/update', {
      run_id: live,
      status: 'FINISHED',
      end_time: Date.now()
    });
    await expect
      .poll(async () => JSON.stringify(await snapshotOf(page, 1, 'chart')))
      .toContain(String(1000 + step));
    expect(String((await keptLayers(page, 1))['text/plain'])).toContain(
      String(1000 + step)
    );
  });

  test('should tell a kernel without ipywidgets what is ticked, and take it up after a reload', async ({
    page,
    panel,
    app,
    tmpPath,
    mlflow
  }) => {
    test.setTimeout(180_000);
    const { id, name } = await mlflow.createExperiment('ticks');
    await mlflow.createRun(id, { name: 'first', metrics: { acc: 0.5 } });
    await mlflow.createRun(id, { name: 'second', metrics: { acc: 0.9 } });
    const kernel = addKernel('mlflow-bare', ipykernel(bareEnvironment()));
    try {
      const path = await openNew(
        panel,
        `${tmpPath}/${NAME}`,
        ['a', 'b'],
        kernel.metadata
      );
      await runCell(
        page,
        0,
        `%mlflow connect ${mlflow.url}\nruns = %mlflow runs --experiment "${name}" --sort acc\nruns`
      );
      await expectState(output(page, 'table'), 'live');
      const tick = (run: string): Locator =>
        output(page, 'table')
          .locator('[data-mlflow-run-id]')
          .filter({ hasText: run })
          .getByRole('checkbox');
      const expectSelected = async (text: string): Promise<void> => {
        const program =
          'import sys\nprint([run.name for run in runs.selected], "ipywidgets" in sys.modules)';
        await runCell(page, 1, program);
        await expect(
          cellOf(page, 1).locator('.jp-OutputArea-output')
        ).toHaveText(text, { timeout: 30_000 });
      };
      await tick('first').click();
      await expectSelected("['first'] False");
      await saveNotebook(page);
      await page.reload();
      await openNotebook(page, app, path);
      await expect(tick('first')).toBeChecked({ timeout: 30_000 });
      await tick('second').click();
      await expectSelected("['first', 'second'] False");
    } finally {
      kernel.remove();
    }
  });

  test('should ask nothing before the notebook is trusted, and say what is gone', async ({
    page,
    panel,
    app,
    tmpPath,
    mlflow
  }) => {
    const { id } = await mlflow.createExperiment('saved');
    const run = await mlflow.createRun(id, {
      name: 'here',
      metrics: { acc: [0.1, 0.2] }
    });
    const server = await serverId(page, mlflow);
    const at = { at: 1_700_000_000_000, truncated: false };
    const gone = 'f'.repeat(32);
    const table = {
      columns: [{ kind: 'params', key: HOSTILE[0] }],
      rows: [[run, id, HOSTILE[3], 'FINISHED', 1, 2, HOSTILE[1]]],
      ...at
    };
    const card = (name: string): object => ({
      name,
      status: 'RUNNING',
      lifecycle_stage: 'active',
      start_time: 1,
      end_time: null,
      metrics: [['acc', 'NaN']],
      params: [],
      tags: [['note', 'x'.repeat(10_000)]],
      ...at
    });
    const line = { run_id: run, name: HOSTILE[0], key: 'acc' };
    const points = [
      [0, 1, 0.5],
      [1, 2, 'NaN'],
      [2, 3, 0.75]
    ];
    const path = await putOutputs(page, `${tmpPath}/${NAME}`, [
      layersOf(
        'table',
        {
          server_id: server,
          experiment_ids: [id],
          filter: '',
          order_by: null,
          max_results: 5
        },
        table
      ),
      layersOf('card', { server_id: server, run_id: run }, card('before')),
      layersOf('card', { server_id: server, run_id: gone }, card('vanished')),
      layersOf('card', { server_id: 'nobody', run_id: run }, card('foreign')),
      layersOf(
        'chart',
        { server_id: server, run_ids: [run], keys: ['acc'] },
        { lines: [{ ...line, points }], ...at }
      ),
      layersOf('compare', { server_id: server, run_ids: 'nonsense' }, null)
    ]);
    const asked = countRequests(page);
    await panel.openApplication(NAME);
    await openNotebook(page, app, path);
    const cards = output(page, 'card');
    await expect(output(page, 'table')).toContainText(HOSTILE[1]);
    await expect(output(page, 'table')).toHaveAttribute('data-state', 'static');
    await expect(cards.first()).toContainText('before');
    await expectState(output(page, 'chart'), 'static');
    await expect(
      output(page, 'chart').locator('.main-svg').first()
    ).toBeVisible();
    await expect(output(page, 'chart').getByRole('button')).toContainText(
      [HOSTILE[0]],
      { useInnerText: true }
    );
    await expect(output(page, 'compare')).toHaveAttribute(
      'data-state',
      'error'
    );
    await expect(
      output(page, 'table').getByText('Trust the notebook to see it live')
    ).toBeVisible();
    expect(asked).toEqual([]);
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);

    await trust(page);
    await expectState(output(page, 'table'), 'live');
    await expect(output(page, 'table')).toContainText('here');
    await expectState(cards.nth(0), 'live');
    await expectState(cards.nth(1), 'static');
    await expect(cards.nth(1)).toContainText(
      'not on the tracking server any more'
    );
    await expect(cards.nth(1)).toContainText('vanished');
    await expect(cards.nth(1)).toHaveAttribute('data-state', 'static');
    await expectState(cards.nth(2), 'static');
    await expect(cards.nth(2)).toContainText(
      'not among those that Jupyter knows'
    );
    await expect(cards.nth(2)).toContainText('foreign');
    // What ran when it was saved has ended: kept anew. What is gone stays as it was.
    await expect
      .poll(async () => (await snapshotOf(page, 1, 'card'))?.status)
      .toBe('FINISHED');
    expect((await snapshotOf(page, 2, 'card'))?.name).toBe('vanished');
  });
});
