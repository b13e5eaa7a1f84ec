import type { CodeCellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { expect, test } from './fixtures';
import { openNotebook } from './notebooks';
import {
  countRequests,
  expectState,
  layersOf,
  output,
  putOutputs,
  serverId,
  snapshotOf,
  trust
} from './outputs';

const NAME = 'outputs.ipynb';
/** Outputs that the leak test makes and deletes; it has made some before it begins to count. */
const TURNS = 200;
const WARM = 20;

test.describe('Many outputs of %mlflow', () => {
  test('should ask for what they show once, and leave nothing behind', async ({
    page,
    panel,
    app,
    tmpPath,
    mlflow
  }) => {
    test.setTimeout(180_000);
    const { id } = await mlflow.createExperiment('many');
    const run = await mlflow.createRun(id, {
      name: 'shared',
      metrics: { loss: [4, 3, 2] },
      status: null
    });
    const server = await serverId(page, mlflow);
    const card = layersOf(
      'card',
      { server_id: server, run_id: run, experiment_id: id },
      null
    );
    const chart = layersOf(
      'chart',
      { server_id: server, run_ids: [run], keys: ['loss'] },
      null
    );
    const query = { filter: '', order_by: null, max_results: 5 };
    const table = layersOf(
      'table',
      { server_id: server, experiment_ids: [id], ...query },
      null
    );
    const path = await putOutputs(
      page,
      `${tmpPath}/${NAME}`,
      Array.from({ length: 20 }, () => card)
    );
    await panel.openApplication(NAME);
    await openNotebook(page, app, path);
    const asked = countRequests(page);
    const cards = output(page, 'card');
    await trust(page);
    await expect(cards.first()).toHaveAttribute('data-state', 'live');
    await expect(cards.nth(2)).toHaveAttribute('data-state', 'live');
    await mlflow.logMetric(run, 'loss', 1.5, 3);
    await expect(cards.nth(2)).toContainText('1.5');
    await mlflow.logMetric(run, 'loss', 1.25, 4);
    await expect(cards.first()).toContainText('1.25');
    const polls = asked.filter(each => each.includes('/runs/get'));
    const lists = asked.filter(each => each.includes('/artifacts/list'));
    // Each second one, however many of the twenty are in sight.
    expect(lists).toHaveLength(1);
    expect(polls.length).toBeLessThan(12);

    // Another view of an output goes on by itself.
    await page.evaluate(async () => {
      const { content } = window.jupyterapp.shell
        .currentWidget as unknown as NotebookPanel;
      content.activeCellIndex = 0;
      await window.jupyterapp.commands.execute('notebook:create-output-view');
    });
    const view = page.locator(
      '.jp-LinkedOutputView:visible [data-mlflow-widget="card"]'
    );
    await expect(view).toHaveAttribute('data-state', 'live');
    await expect(view).toContainText('1.25');
    await mlflow.logMetric(run, 'loss', 0.125, 5);
    await expect(view).toContainText('0.125');
    await page.evaluate(
      () => void window.jupyterapp.commands.execute('application:close')
    );
    await expect(view).toHaveCount(0);
    await mlflow.post('runs/update', {
      run_id: run,
      status: 'FINISHED',
      end_time: Date.now()
    });
    await expect(cards.first()).toContainText('Finished');

    // Made and deleted again and again: nothing is left.
    const context = page.context();
    const session = await context.newCDPSession(context.pages()[0]);
    await session.send('Performance.enable');
    await session.send('HeapProfiler.enable');
    const turn = (count: number): Promise<void> =>
      page.evaluate(
        async ([turns, kinds]) => {
          const { content } = window.jupyterapp.shell
            .currentWidget as unknown as NotebookPanel;
          const model = content.model?.cells.get(0) as CodeCellModel;
          const drawn = (wanted: string): Promise<void> =>
            new Promise(resolve => {
              const look = (): void => {
                const node = content.widgets[0].node;
                const found =
                  wanted === ''
                    ? !node.querySelector('[data-mlflow-widget]')
                    : node.querySelector(wanted);
                if (found) {
                  resolve();
                } else {
                  requestAnimationFrame(look);
                }
              };
              look();
            });
          for (let at = 0; at < turns; at++) {
            const kind = at % kinds.length;
            model.outputs.clear();
            await drawn('');
            model.outputs.add({
              output_type: 'display_data',
              metadata: {},
              data: kinds[kind] as never
            });
            await drawn(
              [
                '[data-mlflow-widget="chart"] .main-svg',
                '[data-mlflow-widget="card"][data-state="live"]',
                '[data-mlflow-widget="table"] [data-mlflow-run-id]'
              ][kind]
            );
          }
          model.outputs.clear();
          await drawn('');
        },
        [count, [chart, card, table]] as const
      );
    const measure = async () => {
      await session.send('HeapProfiler.collectGarbage');
      await session.send('HeapProfiler.collectGarbage');
      const { jsEventListeners, nodes } = await session.send(
        'Memory.getDOMCounters'
      );
      const { metrics } = await session.send('Performance.getMetrics');
      const heap =
        metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0;
      return { jsEventListeners, nodes, heap };
    };
    await turn(WARM);
    const before = await measure();
    await turn(TURNS);
    // Timers of the plots let go of them a while later.
    let grown = { listeners: 0, nodes: 0, kilobytes: 0 };
    await expect
      .poll(
        async () => {
          const after = await measure();
          grown = {
            listeners: after.jsEventListeners - before.jsEventListeners,
            nodes: after.nodes - before.nodes,
            kilobytes: Math.round((after.heap - before.heap) / 1000)
          };
          return grown.listeners;
        },
        { timeout: 60_000, intervals: [1000] }
      )
      // A view of React has more than a hundred.
      .toBeLessThan(TURNS);
    test.info().annotations.push({
      type: `left after ${TURNS} outputs`,
      description: JSON.stringify(grown)
    });
    expect(grown.nodes).toBeLessThan(TURNS);
    // The notebook's own history of its outputs takes more than ten kilobytes for each.
    expect(grown.kilobytes).toBeLessThan(TURNS * 20);
  });
});

test.describe('An output of %mlflow', () => {
  test('should be filtered, copied, loaded and dragged from', async ({
    page,
    panel,
    app,
    tmpPath,
    mlflow
  }) => {
    const { id } = await mlflow.createExperiment('used');
    const first = await mlflow.createRun(id, {
      name: 'first',
      params: { depth: 3 },
      metrics: { acc: 0.5 }
    });
    await mlflow.createRun(id, { name: 'second', metrics: { acc: 0.75 } });
    const server = await serverId(page, mlflow);
    const path = await putOutputs(page, `${tmpPath}/${NAME}`, [
      layersOf(
        'table',
        {
          server_id: server,
          experiment_ids: [id],
          filter: '',
          order_by: 'metrics.`acc` DESC',
          max_results: 5
        },
        null
      )
    ]);
    await page.context().grantPermissions(['clipboard-read']);
    await panel.openApplication(NAME);
    await openNotebook(page, app, path);
    await trust(page);
    const table = output(page, 'table');
    await expect(table).toHaveAttribute('data-state', 'live');
    const rows = table.locator('tr[data-mlflow-run-id]');
    await expect(rows).toHaveCount(2);
    await expect(rows.first()).toContainText('second');
    await table.getByRole('button', { name: 'Created' }).click();
    await table.getByRole('button', { name: 'Created' }).click();
    await expect(rows.first()).toContainText('first');

    await table.getByRole('button', { name: 'Filter and Columns' }).click();
    const box = table.getByRole('combobox').first();
    await box.fill('metrics.acc < 0.6');
    await box.press('Enter');
    await expect(rows).toHaveCount(1);
    await table.getByRole('button', { name: 'Columns', exact: true }).click();
    await table.getByRole('checkbox', { name: 'depth' }).uncheck();
    await expect(
      table.getByRole('columnheader', { name: 'depth' })
    ).toHaveCount(0);
    await page.keyboard.press('Escape');

    await table.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Copy as Markdown' }).click();
    const copied = (): Promise<string> =>
      page.evaluate(() => navigator.clipboard.readText());
    await expect.poll(copied).toContain(`| ${first} | first | FINISHED |`);
    await table.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Copy as Code' }).click();
    await expect.poll(copied).toContain('filter_string="metrics.acc < 0.6"');

    await table.getByRole('button', { name: 'Insert Code to Load' }).click();
    const editors = page.locator('.jp-Notebook .jp-InputArea-editor');
    await expect(editors).toHaveCount(2);
    await expect(editors.nth(1)).toContainText('mlflow.search_runs(');
    // Taken back like anything else that is done to a notebook.
    await page.evaluate(
      () => void window.jupyterapp.commands.execute('notebook:undo-cell-action')
    );
    await expect(editors).toHaveCount(1);

    await rows
      .first()
      .getByRole('link', { name: 'first' })
      .dragTo(editors.first().locator('.cm-content'));
    await expect(editors.first()).toContainText(first);
  });

  test('should be live on MLflow 2.3.2, which gives histories whole', async ({
    page,
    panel,
    app,
    tmpPath,
    oldest
  }) => {
    const { id } = await oldest.createExperiment('old');
    const run = await oldest.createRun(id, {
      name: 'old run',
      metrics: { loss: [4, 3] },
      status: null
    });
    const ids = { server_id: await serverId(page, oldest), run_ids: [run] };
    const path = await putOutputs(page, `${tmpPath}/${NAME}`, [
      layersOf('chart', { ...ids, keys: ['loss'] }, null),
      layersOf('compare', { ...ids, all: true }, null)
    ]);
    await panel.openApplication(NAME);
    await openNotebook(page, app, path);
    await trust(page);
    const line = output(page, 'chart').getByRole('button', { name: 'old run' });
    await expect(line).toContainText('3');
    await oldest.logMetric(run, 'loss', 2.5, 2);
    await expect(line).toContainText('2.5');
    await oldest.post('runs/update', {
      run_id: run,
      status: 'FINISHED',
      end_time: Date.now()
    });
    await expect
      .poll(async () => JSON.stringify(await snapshotOf(page, 0, 'chart')))
      .toContain('2.5');
    await expectState(output(page, 'compare'), 'live');
    await expect(output(page, 'compare')).toContainText('2.5');
  });
});
