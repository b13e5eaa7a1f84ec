import { expect, test } from './fixtures';
import { openNotebook } from './notebooks';
import {
  expectState,
  layersOf,
  output,
  putOutputs,
  serverId,
  snapshotOf,
  trust
} from './outputs';

const NAME = 'outputs.ipynb';

test.describe('An output of %mlflow', () => {
  test('should be filtered, copied, loaded and dragged from', async ({
    page,
    panel,
    app,
    tmpPath,
    mlflow
  }) => {
    const { id, name } = await mlflow.createExperiment('used');
    const first = await mlflow.createRun(id, {
      name: 'first',
      params: { depth: 3 },
      metrics: { acc: 0.5 }
    });
    const second = await mlflow.createRun(id, {
      name: 'second',
      metrics: { acc: 0.75 }
    });
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
    // From the panel, too.
    const root = await panel.show();
    await root
      .getByRole('searchbox', { name: 'Search experiments' })
      .fill(name);
    await root.locator(`[data-mlflow-experiment-id="${id}"]`).click();
    await root
      .getByRole('tree', { name: 'Runs' })
      .locator(`[data-mlflow-run-id="${second}"]`)
      .dragTo(editors.first().locator('.cm-content'));
    await expect(editors.first()).toContainText(second);
    // Beside the editors, it becomes a cell.
    await root
      .getByRole('tree', { name: 'Runs' })
      .locator(`[data-mlflow-run-id="${second}"]`)
      .dragTo(page.locator('.jp-Notebook .jp-InputPrompt:visible').first());
    await expect(editors).toHaveCount(2);
    await expect(editors.nth(1)).toContainText(
      `run = mlflow.get_run("${second}")`
    );
  });

  test('should be copied, loaded and opened, whatever kind it is', async ({
    page,
    panel,
    app,
    tmpPath,
    mlflow
  }) => {
    const { id } = await mlflow.createExperiment('copied');
    const run = await mlflow.createRun(id, {
      name: 'only',
      params: { depth: 3 },
      metrics: { acc: [0.25, 0.5] }
    });
    const model = await mlflow.createModel();
    for (const _ of ['1', '2']) {
      await mlflow.post('model-versions/create', {
        name: model,
        source: `mlflow-artifacts:/${id}/${run}/artifacts/model`,
        run_id: run
      });
    }
    const ids = { server_id: await serverId(page, mlflow), run_ids: [run] };
    // What each gives: as CSV, as Markdown, and as code, which the notebook is given, too.
    const kinds = [
      {
        kind: 'card',
        asks: { ...ids, run_id: run, experiment_id: id },
        csv: 'metric,acc,0.5',
        markdown: '| param | depth | 3 |',
        code: `mlflow.get_run("${run}")`
      },
      {
        kind: 'chart',
        asks: { ...ids, keys: ['acc'] },
        csv: `${run},only,acc,1,`,
        markdown: `| ${run} | only | acc | 0 |`,
        code: 'client.get_metric_history(run_id, key)'
      },
      {
        kind: 'compare',
        asks: { ...ids, all: true },
        csv: 'metrics.acc,0.5',
        markdown: '| params.depth | 3 |',
        code: `mlflow.get_run(run_id) for run_id in ["${run}"]`
      },
      {
        kind: 'model',
        asks: { ...ids, name: model },
        csv: `2,,,READY,${run},`,
        markdown: `| 1 |  |  | READY | ${run} |`,
        code: `load_model("models:/${model}/2")`
      }
    ];
    const path = await putOutputs(
      page,
      `${tmpPath}/${NAME}`,
      kinds.map(({ kind, asks }) => layersOf(kind, asks, null))
    );
    await page.context().grantPermissions(['clipboard-read']);
    await panel.openApplication(NAME);
    await openNotebook(page, app, path);
    await trust(page);
    const copied = (): Promise<string> =>
      page.evaluate(() => navigator.clipboard.readText());
    const editors = page.locator('.jp-Notebook .jp-InputArea-editor');
    for (const { kind, csv, markdown, code } of kinds) {
      const shown = output(page, kind);
      await expectState(shown, 'live');
      for (const [name, text] of [
        ['Copy as CSV', csv],
        ['Copy as Markdown', markdown],
        ['Copy as Code', code]
      ] as const) {
        await shown.getByRole('button', { name: 'Copy', exact: true }).click();
        await page.getByRole('menuitem', { name }).click();
        await expect.poll(copied).toContain(text);
      }
      const before = await editors.count();
      await shown.getByRole('button', { name: 'Insert Code to Load' }).click();
      await expect(editors).toHaveCount(before + 1);
      await expect(
        page.locator('.jp-Notebook .jp-Cell.jp-mod-active')
      ).toContainText(code);
    }
    const shown = output(page, 'model');
    await shown.getByRole('button', { name: 'Open in Main Area' }).click();
    const opened = page.locator(
      '.jp-mlflow-OutputView:visible [data-mlflow-widget="model"]'
    );
    await expect(opened).toHaveAttribute('data-state', 'live');
    await expect(opened).toContainText(model);
    // A run of a version opens from there.
    await opened.getByRole('link').first().click();
    await expect(
      page.locator(`.jp-mlflow-Run[data-mlflow-run-id="${run}"]`)
    ).toBeVisible();
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
