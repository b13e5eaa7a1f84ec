import type { CodeCellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { expect, test } from './fixtures';
import { cellOf, openNotebook, runCell } from './notebooks';
import {
  countRequests,
  keptLayers,
  layersOf,
  output,
  putOutputs,
  serverId,
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
    test.setTimeout(360_000);
    const { id, name } = await mlflow.createExperiment('many');
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
    const turn = (
      count: number,
      outputs: ReadonlyArray<readonly [object, string]>
    ): Promise<void> =>
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
              data: kinds[kind][0] as never
            });
            await drawn(kinds[kind][1]);
          }
          model.outputs.clear();
          await drawn('');
        },
        [count, outputs] as const
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
    const expectLittleLeft = async (
      what: string,
      outputs: ReadonlyArray<readonly [object, string]>,
      nodesOfOthers = 0
    ): Promise<void> => {
      await turn(WARM, outputs);
      const before = await measure();
      await turn(TURNS, outputs);
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
        type: `left after ${TURNS} ${what}`,
        description: JSON.stringify(grown)
      });
      expect(grown.nodes).toBeLessThan(TURNS * (1 + nodesOfOthers));
      // The notebook's own history of its outputs takes more than ten kilobytes for each.
      expect(grown.kilobytes).toBeLessThan(TURNS * 20);
    };
    await expectLittleLeft('outputs', [
      [chart, '[data-mlflow-widget="chart"] .main-svg'],
      [card, '[data-mlflow-widget="card"][data-state="live"]'],
      [table, '[data-mlflow-widget="table"] [data-mlflow-run-id]']
    ]);

    // Views of one ipywidget in a box, whose model stays in the kernel.
    await runCell(
      page,
      1,
      [
        `%mlflow connect ${mlflow.url}`,
        `%mlflow experiment "${name}"`,
        'import ipywidgets',
        'from jupyter_mlflow import RunTable',
        'ipywidgets.VBox([RunTable()])'
      ].join('\n')
    );
    const row = '[data-mlflow-widget="table"] [data-mlflow-run-id]';
    await expect(cellOf(page, 1).locator(row)).toBeVisible();
    const boxed = await keptLayers(page, 1);
    // ipywidgets keeps the views of a model that lives, each with its empty nodes: ours and the box's.
    await expectLittleLeft('views of an ipywidget', [[boxed, row]], 4);
  });
});
