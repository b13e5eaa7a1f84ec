import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Locator } from '@playwright/test';
import { expect, test } from './fixtures';
import type { MlflowServer } from './mlflow';
import { openNotebook, putNotebook, runCell } from './notebooks';
import { output } from './outputs';

const NAME = 'widgets.ipynb';

/** Two runs, and a notebook of three cells whose kernel logs to them. */
async function open(
  page: IJupyterLabPageFixture,
  panel: { openApplication(name: string): Promise<void> },
  folder: string,
  mlflow: MlflowServer
): Promise<string> {
  const { id, name } = await mlflow.createExperiment('widgets');
  await mlflow.createRun(id, { name: 'first', metrics: { acc: 0.5 } });
  await mlflow.createRun(id, { name: 'second', metrics: { acc: 0.9 } });
  const path = await putNotebook(page, `${folder}/${NAME}`, ['a', 'b', 'c']);
  await panel.openApplication(NAME);
  await openNotebook(page, 'lab', path);
  await runCell(
    page,
    0,
    `%mlflow connect ${mlflow.url}\nruns = %mlflow runs --experiment "${name}" --sort acc\nruns`
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

function cellOf(page: IJupyterLabPageFixture, cell: number): Locator {
  return page.locator('.jp-NotebookPanel:visible .jp-Cell').nth(cell);
}

/** What Python has, printed by the third cell. */
async function expectPrinted(
  page: IJupyterLabPageFixture,
  program: string,
  text: string
): Promise<void> {
  await runCell(page, 2, program);
  await expect(cellOf(page, 2).locator('.jp-OutputArea-output')).toHaveText(
    text
  );
}

const SELECTED = 'print([run.name for run in runs.selected])';

test('should select in the page for Python, and in Python for the page', async ({
  page,
  panel,
  tmpPath,
  mlflow
}) => {
  await open(page, panel, tmpPath, mlflow);
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

test('should go on after a reload, a lost connection and a restart', async ({
  page,
  panel,
  tmpPath,
  mlflow
}) => {
  const path = await open(page, panel, tmpPath, mlflow);
  await tick(page, 0, 'first').click();
  await expectPrinted(page, SELECTED, "['first']");
  await page.evaluate(async () => {
    const { context } = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    await context.save();
  });

  await page.reload();
  await openNotebook(page, 'lab', path);
  await expect(tick(page, 0, 'first')).toBeChecked({ timeout: 30_000 });
  await tick(page, 0, 'second').click();
  await expectPrinted(page, SELECTED, "['first', 'second']");

  await page.evaluate(async () => {
    const { sessionContext } = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    await sessionContext.session?.kernel?.reconnect();
  });
  await tick(page, 0, 'first').click();
  await expectPrinted(page, SELECTED, "['second']");

  // Its Python end is gone; the table goes on by itself.
  await page.evaluate(async () => {
    const { sessionContext } = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    await sessionContext.restartKernel();
  });
  await page.waitForFunction(() => {
    const { sessionContext } = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    return sessionContext.session?.kernel?.status === 'idle';
  });
  await expect(output(page, 'table')).toHaveAttribute('data-state', 'live');
  await tick(page, 0, 'first').click();
  await expect(tick(page, 0, 'first')).toBeChecked();
});

test('should be live all the same where JupyterLab has no ipywidgets', async ({
  page,
  panel,
  tmpPath,
  mlflow
}) => {
  await page.route(/@jupyter-widgets\/jupyterlab-manager\/static\//, route =>
    route.abort()
  );
  await open(page, panel, tmpPath, mlflow);
  await tick(page, 0, 'first').click();
  await expect(tick(page, 0, 'first')).toBeChecked();
  await expectPrinted(page, SELECTED, '[]');
});
