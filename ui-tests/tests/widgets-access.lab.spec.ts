import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { expect, test, type App } from './fixtures';
import { expectNoFlaw, setTheme, THEMES } from './looks';
import type { MlflowServer } from './mlflow';
import { openNotebook } from './notebooks';
import {
  expectState,
  layersOf,
  output,
  putOutputs,
  serverId,
  trust
} from './outputs';

const NAME = 'outputs.ipynb';
const OUTPUTS = '[data-mlflow-widget]';

/** A notebook with a table, a card, a chart, a comparison and models of an experiment, not trusted yet. */
async function open(
  page: IJupyterLabPageFixture,
  app: App,
  panel: { openApplication(name: string): Promise<void> },
  folder: string,
  mlflow: MlflowServer
): Promise<string[]> {
  const { id } = await mlflow.createExperiment('access');
  const first = await mlflow.createRun(id, {
    name: 'first',
    params: { depth: 3 },
    tags: { team: 'vision' },
    metrics: { acc: [0.5, 0.7], loss: [1, 0.5] }
  });
  const second = await mlflow.createRun(id, {
    name: 'second',
    status: 'FAILED',
    metrics: { acc: [0.4, 0.6] }
  });
  const model = await mlflow.createModel();
  const ids = { server_id: await serverId(page, mlflow) };
  const query = { filter: '', order_by: null, max_results: 5 };
  const line = { run_id: first, name: 'first', key: 'acc' };
  const path = await putOutputs(page, `${folder}/${NAME}`, [
    layersOf('table', { ...ids, experiment_ids: [id], ...query }, null),
    layersOf('card', { ...ids, run_id: first, experiment_id: id }, null),
    layersOf(
      'chart',
      { ...ids, run_ids: [first, second], keys: ['acc'] },
      { lines: [{ ...line, points: [[0, 1, 0.5]] }], at: 1, truncated: false }
    ),
    layersOf('compare', { ...ids, run_ids: [first, second], all: true }, null),
    layersOf('model', { ...ids, name: model }, null),
    layersOf('model', { ...ids, name: null }, null)
  ]);
  await panel.openApplication(NAME);
  await openNotebook(page, app, path);
  return [first, second];
}

test.describe('Outputs of %mlflow', () => {
  test('should have no flaw that axe finds, saved and live, light and dark', async ({
    page,
    panel,
    app,
    tmpPath,
    mlflow
  }) => {
    await page.setViewportSize({ width: 1000, height: 2000 });
    await open(page, app, panel, tmpPath, mlflow);
    await expectState(output(page, 'chart'), 'static');
    await expectNoFlaw(page, OUTPUTS);
    await trust(page);
    for (const kind of ['table', 'card', 'chart', 'compare', 'model']) {
      await expectState(output(page, kind).first(), 'live');
    }
    await expect(
      output(page, 'chart').locator('.main-svg').first()
    ).toBeVisible();
    const table = output(page, 'table');
    await table.getByRole('button', { name: 'Filter and Columns' }).click();
    await expect(table.getByRole('combobox').first()).toBeVisible();
    await output(page, 'chart').getByRole('button', { name: 'second' }).click();
    for (const theme of THEMES) {
      await setTheme(page, theme);
      await expectNoFlaw(page, OUTPUTS);
    }
  });

  test('should be used by the keyboard, whose keys the notebook does not take', async ({
    page,
    panel,
    app,
    tmpPath,
    mlflow
  }) => {
    const [first, second] = await open(page, app, panel, tmpPath, mlflow);
    await trust(page);
    const table = output(page, 'table');
    await expectState(table, 'live');
    const toolbar = table.getByRole('toolbar', { name: 'Output' });
    await toolbar.getByRole('button').last().focus();
    await page.keyboard.press('Tab');
    const grid = table.getByRole('grid', { name: 'Runs' });
    await expect(grid).toBeFocused();
    const box = (run: string) =>
      table.locator(`tr[data-mlflow-run-id="${run}"]`).getByRole('checkbox');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await expect(box(second)).toBeChecked();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await expect(box(first)).toBeChecked();
    // In the notebook around it they would delete cells, and make new ones.
    for (const key of ['d', 'd', 'b', 'x']) {
      await page.keyboard.press(key);
    }
    await expect(page.locator('.jp-Notebook:visible .jp-Cell')).toHaveCount(6);
    await expect(grid).toBeFocused();

    await toolbar.getByRole('button', { name: 'Copy' }).focus();
    await page.keyboard.press('Enter');
    const menu = page.getByRole('menu');
    await expect(
      menu.getByRole('menuitem', { name: 'Copy as CSV' })
    ).toBeVisible();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Escape');
    await expect(menu).toHaveCount(0);

    const chart = output(page, 'chart');
    await expectState(chart, 'live');
    await chart.getByLabel('X axis').focus();
    await page.keyboard.press('ArrowDown');
    await expect(chart.getByLabel('X axis')).toHaveValue('time');
    await chart.getByLabel('Logarithmic').focus();
    await page.keyboard.press('Space');
    await expect(chart.getByLabel('Logarithmic')).toBeChecked();
    const line = chart.getByRole('button', { name: 'second' });
    await line.focus();
    await page.keyboard.press('Enter');
    await expect(line).toHaveAttribute('aria-pressed', 'false');
    await expect(page.locator('.jp-Notebook:visible .jp-Cell')).toHaveCount(6);

    // Opens what the cursor is on.
    await grid.focus();
    await page.keyboard.press('Enter');
    await expect(
      page.locator(`.jp-mlflow-Run[data-mlflow-run-id="${first}"]`)
    ).toBeVisible();
  });

  test('should hold no plot out of sight', async ({
    page,
    panel,
    app,
    tmpPath,
    mlflow
  }) => {
    await open(page, app, panel, tmpPath, mlflow);
    await trust(page);
    const chart = output(page, 'chart');
    await expectState(chart, 'live');
    const plot = chart.locator('.main-svg').first();
    await expect(plot).toBeVisible();
    const { height } = (await chart.boundingBox()) ?? {};
    await page.evaluate(() => {
      const { content } = window.jupyterapp.shell
        .currentWidget as unknown as NotebookPanel;
      // A cell high enough to push it out of sight.
      content.widgets[0].node.style.minHeight = '3000px';
      content.widgets[0].node.scrollIntoView();
    });
    await expect(plot).toHaveCount(0);
    // Its place is kept, so that nothing jumps.
    await expect
      .poll(async () => (await chart.boundingBox())?.height)
      .toBe(height);
    await chart.scrollIntoViewIfNeeded();
    await expect(plot).toBeVisible();
  });
});
