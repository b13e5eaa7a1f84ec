import { randomUUID } from 'node:crypto';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Locator } from '@playwright/test';
import { cells, mark } from './doctor';
import { expect, test } from './fixtures';
import type { MlflowServer } from './mlflow';
import { openNotebook, putPrograms, runCell } from './notebooks';

/** An import of MLflow on a busy machine takes its time. */
const IMPORT_MS = 120_000;
const SETTINGS = 'jupyter-mlflow:doctor';

const offer = (page: IJupyterLabPageFixture): Locator =>
  page.locator(
    '.jp-NotebookPanel:visible .jp-CodeCell [data-mlflow-experiment-offer]'
  );

/** What MLflow takes for the experiment of runs to come, without the seconds that its import takes. */
const ASK =
  'import os; print("next:", os.environ.get("MLFLOW_EXPERIMENT_NAME"))';

/** Import and run share a cell: whoever asks after it asks too late. The last line says where the run is. */
const program = (url: string): string =>
  [
    `import mlflow; mlflow.set_tracking_uri("${url}")`,
    'with mlflow.start_run() as run: pass',
    'print("landed in:", mlflow.get_experiment(run.info.experiment_id).name)'
  ].join('\n');

const unique = (name: string): string => `${name} ${randomUUID().slice(0, 8)}`;

/** Deletes what a notebook has put into "Default", where other tests look. */
async function tidy(server: MlflowServer, path: string): Promise<void> {
  const { runs = [] } = (await server.post('runs/search', {
    experiment_ids: ['0'],
    filter: `tags."jupyter.notebook_path" = '${path}'`
  })) as { runs?: { info: { run_id: string } }[] };
  expect(runs).toHaveLength(1);
  await server.post('runs/delete', { run_id: runs[0].info.run_id });
}

test.beforeEach(() => {
  test.setTimeout(240_000);
});

test('should offer an experiment before the first run, and give it to the next kernel before its first cell', async ({
  page,
  panel,
  app,
  tmpPath,
  mlflow
}) => {
  const name = unique('offered');
  const code = program(mlflow.url);
  const path = await putPrograms(page, `${tmpPath}/${name}.ipynb`, [ASK, code]);
  await panel.openApplication(`${name}.ipynb`);
  await openNotebook(page, app, path);
  await expect(offer(page)).toContainText(
    'Runs of this notebook will go to the experiment “Default”.'
  );
  await expect(
    cells(page).nth(1).locator('[data-mlflow-experiment-offer]')
  ).toBeVisible();
  await offer(page)
    .getByRole('button', { name: `Use “${name}”` })
    .click();
  await expect(offer(page)).toHaveCount(0);
  await runCell(page, 1, code);
  await expect(cells(page).nth(1)).toContainText(`landed in: ${name}`, {
    timeout: IMPORT_MS
  });

  // The next process has it before its first cell.
  await page.evaluate(async () => {
    const { sessionContext } = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    await sessionContext.restartKernel();
  });
  await runCell(page, 0, ASK);
  await expect(cells(page).first()).toContainText(`next: ${name}`);
  await expect(offer(page)).toHaveCount(0);
  expect(await mlflow.runNames(name)).toHaveLength(1);
});

test.describe('Left and opened again', () => {
  test.use({ mockState: false });

  test('should say what is so where a run came first, and not ask again where Default is kept', async ({
    page,
    panel,
    app,
    tmpPath,
    mlflow
  }) => {
    const code = program(mlflow.url);
    const path = await putPrograms(page, `${tmpPath}/kept.ipynb`, [code]);
    await panel.openApplication('kept.ipynb');
    await openNotebook(page, app, path);
    await expect(offer(page)).toHaveCount(1);
    await runCell(page, 0, code);
    await expect(cells(page).first()).toContainText('landed in: Default', {
      timeout: IMPORT_MS
    });
    await expect(offer(page)).toContainText('MLflow cannot move them');
    const kept =
      app === 'lab'
        ? page
            .waitForRequest(
              request =>
                request.method() === 'PUT' &&
                request.postData()?.includes('experiment-declined') === true
            )
            .then(request => request.response())
        : null;
    await offer(page).getByRole('button', { name: 'Keep “Default”' }).click();
    await expect(offer(page)).toHaveCount(0);

    await tidy(mlflow, path);

    // Closed and opened again.
    await page.evaluate(async () => {
      const { context } = window.jupyterapp.shell
        .currentWidget as unknown as NotebookPanel;
      await context.save();
    });
    // JupyterLab saves what is to outlive a reload a moment later; Notebook 7 has it in the browser.
    await kept;
    await page.reload();
    await openNotebook(page, app, path);
    await expect(mark(page)).toHaveAttribute('data-state', 'healthy');
    await expect(offer(page)).toHaveCount(0);
  });
});

test('should not offer one to a notebook that chooses an experiment itself', async ({
  page,
  panel,
  app,
  tmpPath
}) => {
  const path = await putPrograms(page, `${tmpPath}/chosen.ipynb`, [
    'import mlflow',
    'mlflow.start_run()'
  ]);
  await panel.openApplication('chosen.ipynb');
  await openNotebook(page, app, path);
  await expect(offer(page)).toHaveCount(1);
  await page.evaluate(() => {
    const { content } = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    content.widgets[0].model.sharedModel.setSource(
      'import mlflow; mlflow.set_experiment("mine")'
    );
  });
  await expect(offer(page)).toHaveCount(0);
});

for (const wish of ['always', 'never'] as const) {
  test.describe(`With the setting ${wish}`, () => {
    test.use({
      mockSettings: { [SETTINGS]: { experimentForNotebook: wish } }
    });

    test(`should ask nothing, and ${wish === 'always' ? 'do it' : 'do nothing'}`, async ({
      page,
      panel,
      app,
      tmpPath
    }) => {
      const name = unique(wish);
      const path = await putPrograms(page, `${tmpPath}/${name}.ipynb`, [
        ASK,
        'import mlflow; mlflow.start_run()'
      ]);
      const isSet =
        wish === 'always'
          ? page.waitForResponse(
              answer =>
                answer.request().method() === 'POST' &&
                answer.url().endsWith('/options')
            )
          : null;
      await panel.openApplication(`${name}.ipynb`);
      await openNotebook(page, app, path);
      await expect(mark(page)).toHaveAttribute('data-state', 'healthy');
      await isSet;
      await runCell(page, 0, ASK);
      await expect(cells(page).first()).toContainText(
        `next: ${wish === 'always' ? name : 'None'}`
      );
      await expect(offer(page)).toHaveCount(0);
    });
  });
}
