import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { line, mark, popover } from './doctor';
import { expect, test } from './fixtures';
import {
  addKernel,
  type AddedKernel,
  bareEnvironment,
  bashKernel,
  ipykernel,
  newestPython
} from './kernels';
import { changeKernel, openNew, runCell } from './notebooks';

const NAME = 'train.ipynb';

/** What is written into the file of the notebook that is open. */
async function saved(page: IJupyterLabPageFixture): Promise<string> {
  return page.evaluate(() => {
    const { content } = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    return JSON.stringify(content.model?.toJSON());
  });
}

let bare: AddedKernel;
let bash: AddedKernel;

test.beforeAll(() => {
  bare = addKernel('bare', ipykernel(bareEnvironment()));
  bash = addKernel('bash', bashKernel(), 'bash');
});

test.afterAll(() => {
  bare.remove();
  bash.remove();
});

test('should say in the toolbar that MLflow works, and where the notebook logs', async ({
  page,
  panel,
  tmpPath
}) => {
  await openNew(panel, `${tmpPath}/${NAME}`);
  await expect(mark(page)).toHaveAttribute('data-state', 'healthy');
  await expect(mark(page)).toHaveText('MLflow ✓');

  const button = mark(page).getByRole('button');
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(popover(page)).toContainText(
    'This notebook logs to ./mlflow.db. The panel shows newest.'
  );
  await expect(popover(page)).toContainText(newestPython());
  await page.keyboard.press('Escape');
  await expect(popover(page)).toHaveCount(0);
  await expect(button).toBeFocused();

  await button.click();
  const autolog = popover(page).getByRole('checkbox', { name: /autolog/ });
  await expect(autolog).not.toBeChecked();
  await autolog.click();
  await expect(autolog).toBeChecked();
  await page
    .locator('.jp-NotebookPanel:visible .jp-Cell')
    .first()
    .click({ position: { x: 20, y: 10 } });
  await expect(popover(page)).toHaveCount(0);
});

test('should say that a kernel lacks MLflow, below the cell that failed by it and until that is mended', async ({
  page,
  panel,
  tmpPath
}) => {
  await openNew(
    panel,
    `${tmpPath}/${NAME}`,
    ['first', 'second'],
    bare.metadata
  );
  await expect(mark(page)).toHaveAttribute('data-state', 'attention');
  await expect(mark(page)).toHaveText('MLflow: 1 problem');
  await mark(page).getByRole('button').click();
  await expect(
    popover(page).locator('[data-mlflow-finding="wrong-kernel"]')
  ).toBeVisible();
  await page.keyboard.press('Escape');

  await expect(line(page)).toHaveCount(0);
  await runCell(page, 0, 'import mlflow');
  await expect(line(page)).toHaveAttribute(
    'data-mlflow-finding',
    'wrong-kernel'
  );
  await runCell(page, 1, 'import pandas');
  await expect(line(page)).toHaveCount(2);
  await expect(line(page).last()).toContainText('“pandas” is not in');
  expect(await saved(page)).not.toContain('mlflow-Doctor');

  // Run again without the error: gone. Another environment: gone.
  await runCell(page, 1, 'print("other")');
  await expect(line(page)).toHaveCount(1);
  await changeKernel(page, 'python3');
  await expect(mark(page)).toHaveAttribute('data-state', 'healthy');
  await expect(line(page)).toHaveCount(0);
});

test('should say nothing about kernels of other languages', async ({
  page,
  panel,
  tmpPath
}) => {
  await openNew(panel, `${tmpPath}/${NAME}`, ['first'], bash.metadata);
  await runCell(page, 0, 'echo "mlflow: command not found"; echo done');
  await expect(
    page.locator('.jp-NotebookPanel:visible .jp-OutputArea-output')
  ).toContainText('done');
  await expect(mark(page)).toHaveAttribute('data-state', 'none');
  await expect(mark(page)).toBeHidden();
  await expect(line(page)).toHaveCount(0);
});

test('should say what to write where the shell does not find the command', async ({
  page,
  panel,
  tmpPath
}) => {
  await openNew(panel, `${tmpPath}/${NAME}`);
  await expect(mark(page)).toHaveAttribute('data-state', 'healthy');
  await runCell(page, 0, '!PATH=/nowhere; mlflow --version');
  await expect(line(page)).toContainText('!{sys.executable} -m mlflow');
  await runCell(page, 0, '1');
  await expect(line(page)).toHaveCount(0);
});

test('should say which run a cell left open, what stands in the way of another, and end it', async ({
  page,
  panel,
  tmpPath,
  mlflow
}) => {
  const experiment = await mlflow.createExperiment('open');
  await openNew(panel, `${tmpPath}/${NAME}`, ['first', 'next']);
  const start = [
    'import mlflow',
    `mlflow.set_tracking_uri("${mlflow.url}")`,
    `mlflow.set_experiment("${experiment.name}")`,
    'mlflow.start_run(run_name="left open")'
  ].join('\n');
  await runCell(page, 0, start);
  // The cell has to import MLflow first.
  await expect(line(page)).toContainText('“left open” is still open', {
    timeout: 90_000
  });
  await expect(line(page)).toHaveAttribute('data-mlflow-finding', 'run-open');
  await runCell(page, 1, 'mlflow.start_run()');
  await expect(line(page)).toHaveCount(2);
  await expect(line(page).last()).toContainText('A run is open already');
  await line(page).last().getByRole('button', { name: 'End the run' }).click();
  await expect(line(page)).toHaveCount(0);
  await runCell(page, 1, 'print(mlflow.active_run())');
  await expect(
    page.locator('.jp-NotebookPanel:visible .jp-OutputArea-output').last()
  ).toHaveText('None');
});
