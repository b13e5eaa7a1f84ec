import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Locator } from '@playwright/test';
import { expect, test, type Panel } from './fixtures';
import type { MlflowServer } from './mlflow';
import {
  cellOf,
  openNew,
  openNotebook,
  runCell,
  saveNotebook,
  untilIdle
} from './notebooks';
import { output } from './outputs';

const NAME = 'widgets.ipynb';

/** Two runs, and a notebook of three cells whose kernel logs to them. */
async function open(
  panel: Panel,
  folder: string,
  mlflow: MlflowServer
): Promise<string> {
  const { page } = panel;
  const { id, name } = await mlflow.createExperiment('widgets');
  await mlflow.createRun(id, { name: 'first', metrics: { acc: 0.5 } });
  await mlflow.createRun(id, { name: 'second', metrics: { acc: 0.9 } });
  const path = await openNew(panel, `${folder}/${NAME}`, ['a', 'b', 'c']);
  await runCell(
    page,
    0,
    [
      `%mlflow connect ${mlflow.url}`,
      `%mlflow experiment "${name}"`,
      'runs = %mlflow runs --sort acc',
      'runs'
    ].join('\n')
  );
  await expect(output(page, 'table')).toHaveAttribute('data-state', 'live', {
    timeout: 30_000
  });
  return path;
}

/** The box before a run, in the table of a cell. */
function tick(
  page: IJupyterLabPageFixture,
  cell: number,
  run: string
): Locator {
  return cellOf(page, cell)
    .locator('[data-mlflow-widget="table"] [data-mlflow-run-id]')
    .filter({ hasText: run })
    .getByRole('checkbox');
}

/** Another view of the first cell's output, in the main area, ticks the same runs. */
async function agreesWithNewView(page: IJupyterLabPageFixture): Promise<void> {
  await page.evaluate(async () => {
    const { content } = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    content.activeCellIndex = 0;
    await window.jupyterapp.commands.execute('notebook:create-output-view');
  });
  const view = page.locator('.jp-LinkedOutputView:visible');
  const box = (run: string): Locator =>
    view
      .locator('[data-mlflow-run-id]')
      .filter({ hasText: run })
      .getByRole('checkbox');
  await expect(box('second')).toBeChecked();
  await box('second').click();
  await expect(box('second')).not.toBeChecked();
  await expect(tick(page, 0, 'second')).not.toBeChecked();
  await tick(page, 0, 'second').click();
  await expect(box('second')).toBeChecked();
  await page.evaluate(() => {
    for (const widget of window.jupyterapp.shell.widgets('main')) {
      if (widget.node.querySelector('.jp-LinkedOutputView')) {
        widget.close();
      }
    }
  });
  await expect(view).toHaveCount(0);
}

/** Shown alone, as Simple mode shows a document, the table ticks as before. */
async function goesOnInSimpleMode(page: IJupyterLabPageFixture): Promise<void> {
  const toggle = (): Promise<void> =>
    page.evaluate(
      () => void window.jupyterapp.commands.execute('application:toggle-mode')
    );
  const dock = page.locator('#jp-main-dock-panel');
  await toggle();
  await expect(dock).toHaveAttribute('data-mode', 'single-document');
  await tick(page, 0, 'second').click();
  await expect(tick(page, 1, 'second')).not.toBeChecked();
  await toggle();
  await expect(dock).toHaveAttribute('data-mode', 'multiple-document');
  await tick(page, 0, 'second').click();
  await expect(tick(page, 1, 'second')).toBeChecked();
}

/**
 * What Python has, printed by the third cell; a program that may run more than once. ipywidgets keeps a change back
 * until the kernel has dealt with the one before, and a cell may come between them.
 */
async function expectPrinted(
  page: IJupyterLabPageFixture,
  program: string,
  text: string
): Promise<void> {
  await expect(async () => {
    await runCell(page, 2, program);
    await expect(cellOf(page, 2).locator('.jp-OutputArea-output')).toHaveText(
      text,
      { timeout: 5000 }
    );
  }).toPass();
}

const SELECTED = 'print([run.name for run in runs.selected])';

test('should select in the page for Python, and in Python for the page', async ({
  page,
  app,
  panel,
  tmpPath,
  mlflow
}) => {
  await open(panel, tmpPath, mlflow);
  // A second view of the same table, in a box of ipywidgets, below a text that Python writes.
  await runCell(
    page,
    1,
    [
      'import ipywidgets',
      'text = ipywidgets.Label()',
      'def show(change):',
      '    text.value = "ticked " + ", ".join(run.name for run in runs.selected)',
      'runs.widget.observe(show, "selected")',
      'ipywidgets.VBox([text, runs.widget])'
    ].join('\n')
  );
  await tick(page, 1, 'second').waitFor();
  await tick(page, 0, 'first').click();
  await expect(cellOf(page, 1)).toContainText('ticked first');
  await expect(tick(page, 1, 'first')).toBeChecked();
  await tick(page, 1, 'second').click();
  await expect(cellOf(page, 1)).toContainText(
    /ticked (first, second|second, first)/
  );
  await expect(tick(page, 0, 'second')).toBeChecked();

  await expectPrinted(
    page,
    'runs.widget.selected = [runs[0].id]\nprint(runs[0].name)',
    'second'
  );
  await expect(tick(page, 0, 'first')).not.toBeChecked();
  await expect(tick(page, 1, 'second')).toBeChecked();

  if (app === 'lab') {
    await agreesWithNewView(page);
    await goesOnInSimpleMode(page);
  }

  // A filter that Python sets.
  await expectPrinted(
    page,
    'runs.widget.filter = "metrics.acc < 0.7"\nprint(len(runs.widget.runs))',
    '1'
  );
  for (const cell of [0, 1]) {
    await expect(tick(page, cell, 'second')).toHaveCount(0);
    await expect(tick(page, cell, 'first')).toBeVisible();
  }
});

test('should be tied to other ipywidgets, by the kernel and by the page, with MLflow 2.3.2', async ({
  page,
  panel,
  tmpPath,
  oldest
}) => {
  await open(panel, tmpPath, oldest);
  await runCell(
    page,
    1,
    [
      'import ipywidgets',
      'from jupyter_mlflow import RunTable',
      'other = RunTable()',
      'words = ipywidgets.Text(description="filter", continuous_update=False)',
      'goes = ipywidgets.Checkbox(True, description="live")',
      'ties = [ipywidgets.jslink((runs.widget, "selected"), (other, "selected")),',
      '        ipywidgets.jslink((goes, "value"), (other, "live")),',
      '        ipywidgets.link((words, "value"), (other, "filter"))]',
      'ipywidgets.VBox([words, goes, other])'
    ].join('\n')
  );
  // In the page alone, and then in Python too.
  await tick(page, 1, 'second').waitFor();
  await tick(page, 0, 'first').click();
  await expect(tick(page, 1, 'first')).toBeChecked();
  await tick(page, 1, 'first').click();
  await expect(tick(page, 0, 'first')).not.toBeChecked();
  await tick(page, 1, 'second').click();
  await expectPrinted(page, SELECTED, "['second']");

  const words = cellOf(page, 1).getByRole('textbox', { name: 'filter' });
  await words.fill('metrics.acc < 0.7');
  await words.press('Enter');
  await expect(tick(page, 1, 'second')).toHaveCount(0);
  await expect(tick(page, 1, 'first')).toBeVisible();
  await expectPrinted(page, 'print(other.filter)', 'metrics.acc < 0.7');
  await cellOf(page, 1).getByRole('checkbox', { name: 'live' }).click();
  await expectPrinted(page, 'print(other.live)', 'False');
});

test('should be the snapshot, which the kernel changes, where the page has ipywidgets alone', async ({
  page,
  panel,
  tmpPath,
  mlflow
}) => {
  await open(panel, tmpPath, mlflow);
  // As Voilà starts its kernels.
  await runCell(
    page,
    1,
    [
      'import ipywidgets, os',
      'from jupyter_mlflow import RunTable',
      'os.environ["SERVER_SOFTWARE"] = "voila/0.5.13"',
      'snapshot = RunTable()',
      'ipywidgets.VBox([snapshot])'
    ].join('\n')
  );
  const rows = cellOf(page, 1).locator('.widget-html table tbody tr');
  await expect(rows).toHaveCount(2);
  await expectPrinted(
    page,
    'snapshot.filter = "metrics.acc < 0.7"\nprint(len(snapshot.runs))',
    '1'
  );
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('first');
});

test('should go on after a reload, a lost connection and a restart', async ({
  page,
  app,
  panel,
  tmpPath,
  mlflow
}) => {
  const path = await open(panel, tmpPath, mlflow);
  await tick(page, 0, 'first').click();
  await expectPrinted(page, SELECTED, "['first']");
  await saveNotebook(page);

  await page.reload();
  await openNotebook(page, app, path);
  await expect(tick(page, 0, 'first')).toBeChecked({ timeout: 30_000 });
  await tick(page, 0, 'second').click();
  await expectPrinted(page, SELECTED, "['first', 'second']");

  await page.evaluate(async () => {
    const { sessionContext } = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    await sessionContext.session?.kernel?.reconnect();
  });
  // What is ticked while ipywidgets finds its models again may be told with the next tick.
  await expect(async () => {
    await tick(page, 0, 'first').check();
    await tick(page, 0, 'first').uncheck();
    await runCell(page, 2, SELECTED);
    await expect(cellOf(page, 2).locator('.jp-OutputArea-output')).toHaveText(
      "['second']",
      { timeout: 5000 }
    );
  }).toPass();

  // Its Python end is gone; the table goes on by itself.
  await page.evaluate(async () => {
    const { sessionContext } = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    await sessionContext.restartKernel();
  });
  await untilIdle(page);
  await expect(output(page, 'table')).toHaveAttribute('data-state', 'live');
  await tick(page, 0, 'first').click();
  await expect(tick(page, 0, 'first')).toBeChecked();
});

test('should be live all the same where the page has no ipywidgets', async ({
  page,
  panel,
  tmpPath,
  mlflow
}) => {
  await page.route(/@jupyter-widgets\/jupyterlab-manager\/static\//, route =>
    route.abort()
  );
  await open(panel, tmpPath, mlflow);
  await tick(page, 0, 'first').click();
  await expect(tick(page, 0, 'first')).toBeChecked();
  await expectPrinted(page, SELECTED, "['first']");
});
