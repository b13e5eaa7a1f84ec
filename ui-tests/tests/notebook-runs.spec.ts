import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures';
import {
  madeBy,
  openNotebook,
  putNotebook,
  runCell,
  section,
  startKernel,
  useServer
} from './notebooks';

const NAME = 'train.ipynb';

const line = (root: Locator, runId: string): Locator =>
  section(root)
    .getByRole('tree', { name: 'Made by' })
    .locator(`[data-mlflow-run-id="${runId}"]`);

const refresh = (root: Locator): Promise<void> =>
  section(root).getByRole('button', { name: 'Refresh This Notebook' }).click();

test.describe('The section "This notebook"', () => {
  for (const which of ['mlflow', 'oldest'] as const) {
    test(`should show the runs of the notebook, in whichever experiments (${which})`, async ({
      page,
      panel,
      app,
      tmpPath,
      mlflow,
      oldest
    }) => {
      const server = which === 'mlflow' ? mlflow : oldest;
      const one = await server.createExperiment('one');
      const other = await server.createExperiment('other');
      const path = await putNotebook(page, `${tmpPath}/${NAME}`);
      await panel.openApplication(NAME);
      await openNotebook(page, app, path);
      const root = await panel.show();
      await useServer(root, server);
      await expect(
        section(root).getByText('This notebook has made no runs')
      ).toBeVisible();

      const tags = await madeBy(page, path);
      const first = await server.createRun(one.id, { name: 'first', tags });
      const elsewhere = await server.createRun(other.id, {
        name: 'elsewhere',
        tags
      });
      const foreign = await server.createRun(one.id, {
        tags: await madeBy(page, `${tmpPath}/other.ipynb`)
      });
      await refresh(root);
      await expect(line(root, first)).toContainText('first');
      await expect(line(root, elsewhere)).toContainText('elsewhere');
      await expect(line(root, foreign)).toHaveCount(0);

      // From here on by itself.
      const live = await server.createRun(one.id, {
        name: 'live',
        tags,
        metrics: { loss: 0.5 },
        status: null
      });
      await expect(line(root, live)).toContainText('loss 0.5');
      await server.logMetric(live, 'loss', 0.25, 1);
      await expect(line(root, live)).toContainText('loss 0.25');
      await expect(
        line(root, live).getByRole('img', { name: 'Running' })
      ).toBeVisible();
      await server.post('runs/update', { run_id: live, status: 'FAILED' });
      await expect(
        line(root, live).getByRole('img', { name: 'Failed' })
      ).toBeVisible();
      const child = await server.createRun(one.id, {
        name: 'child',
        tags,
        parent: live
      });
      await expect(line(root, live)).toHaveAttribute('aria-expanded', 'false');
      await section(root).getByRole('tree').press('Home');
      await section(root).getByRole('tree').press('ArrowRight');
      await expect(line(root, child)).toHaveAttribute('aria-level', '2');
    });
  }

  test('should ask nothing while it is folded, and catch up when it is opened', async ({
    page,
    panel,
    app,
    tmpPath,
    mlflow
  }) => {
    const experiment = await mlflow.createExperiment('folded');
    const path = await putNotebook(page, `${tmpPath}/${NAME}`);
    await panel.openApplication(NAME);
    await openNotebook(page, app, path);
    const root = await panel.show();
    await expect(section(root).getByText(NAME)).toBeVisible();
    const header = root.getByRole('heading', {
      name: 'This notebook Section',
      exact: true
    });
    await header.click();
    await expect(section(root)).toBeHidden();

    const asked: Array<'own' | 'other'> = [];
    page.on('request', request => {
      if (request.url().endsWith('/runs/search')) {
        const isOwn = request.postData()?.includes('jupyter.notebook');
        asked.push(isOwn ? 'own' : 'other');
      }
    });
    await root
      .locator(`[data-mlflow-experiment-id="${experiment.id}"]`)
      .click();
    const runId = await mlflow.createRun(experiment.id, {
      tags: await madeBy(page, path)
    });
    // What was on its way is answered; from then on only the other list is polled.
    await expect
      .poll(() => asked.slice(asked.lastIndexOf('own') + 1).length)
      .toBeGreaterThan(2);
    expect(asked.filter(whose => whose === 'own').length).toBeLessThan(3);
    await header.click();
    await refresh(root);
    await expect(line(root, runId)).toBeVisible();
  });
});

test.describe('The page of a run', () => {
  /** The notebook has sixty cells, named c0 to c59, of which the run names one. */
  const cells = Array.from({ length: 60 }, (_, at) => `c${at}`);

  async function openRun(root: Locator, runId: string): Promise<Locator> {
    await refresh(root);
    await line(root, runId).click();
    return root.page().locator(`.jp-mlflow-Run[data-mlflow-run-id="${runId}"]`);
  }

  async function expectCell(
    page: IJupyterLabPageFixture | Page,
    cellId: string
  ): Promise<void> {
    const cell = page.locator(
      '.jp-NotebookPanel:visible .jp-Cell.jp-mod-active'
    );
    await expect(cell).toContainText(`cell = "${cellId}"`);
    await expect(cell).toBeInViewport();
    await expect(page.locator('.jp-Notebook:focus-within')).toBeVisible();
  }

  test('should lead to the cell that made it', async ({
    page,
    panel,
    app,
    tmpPath,
    mlflow
  }) => {
    const experiment = await mlflow.createExperiment('cell');
    const path = await putNotebook(page, `${tmpPath}/${NAME}`, cells);
    await startKernel(page, path);
    const runId = await mlflow.createRun(experiment.id, {
      name: 'of a cell',
      tags: await madeBy(page, path, 'c50')
    });
    await panel.openApplication(NAME);
    await openNotebook(page, app, path);
    const root = await panel.show();
    const run = await openRun(root, runId);
    await run.getByRole('button', { name: `cell [51] of ${path}` }).click();
    await expectCell(page, 'c50');
  });

  test('should open the notebook when it is not open', async ({
    page,
    panel,
    app,
    tmpPath,
    mlflow
  }) => {
    const experiment = await mlflow.createExperiment('closed');
    const path = await putNotebook(page, `${tmpPath}/${NAME}`);
    const other = await putNotebook(page, `${tmpPath}/other ü 1.ipynb`, cells);
    await startKernel(page, path);
    await startKernel(page, other);
    const { 'jupyter.cell_id': _, ...mine } = await madeBy(page, path);
    const ofOther = await madeBy(page, other, 'c50');
    // Listed as a run of the notebook at hand, made by a cell of the other one.
    const parent = await mlflow.createRun(experiment.id, { tags: mine });
    const runId = await mlflow.createRun(experiment.id, {
      tags: ofOther,
      parent
    });
    await panel.openApplication(NAME);
    await openNotebook(page, app, path);
    const root = await panel.show();
    await refresh(root);
    await expect(line(root, parent)).toBeVisible();
    await line(root, parent).click();
    const parentPage = page.locator(
      `.jp-mlflow-Run[data-mlflow-run-id="${parent}"]`
    );
    await parentPage
      .locator(`[data-mlflow-run-id="${runId}"]`)
      .getByRole('button')
      .click();
    const run = page.locator(`.jp-mlflow-Run[data-mlflow-run-id="${runId}"]`);
    const link = run.getByRole('button', { name: `cell [51] of ${other}` });
    if (app === 'lab') {
      await link.click();
      await expectCell(page, 'c50');
      // The section follows the notebook that is used now.
      await expect(
        section(root).getByRole('tree', { name: 'Made by other ü 1.ipynb' })
      ).toBeVisible();
      await expect(line(root, runId)).toBeVisible();
    } else {
      const [tab] = await Promise.all([
        page.context().waitForEvent('page'),
        link.click()
      ]);
      await expectCell(tab, 'c50');
      await tab.close();
    }
  });

  test('should say that the cell, and then that the notebook is gone', async ({
    page,
    panel,
    app,
    tmpPath,
    mlflow
  }) => {
    const experiment = await mlflow.createExperiment('gone');
    const path = await putNotebook(page, `${tmpPath}/${NAME}`);
    const other = await putNotebook(page, `${tmpPath}/other.ipynb`);
    await startKernel(page, path);
    const parent = await mlflow.createRun(experiment.id, {
      tags: await madeBy(page, path, 'deleted')
    });
    const runId = await mlflow.createRun(experiment.id, {
      name: 'of a deleted notebook',
      tags: await madeBy(page, other),
      parent
    });
    await page.contents.deleteFile(other);
    await panel.openApplication(NAME);
    await openNotebook(page, app, path);
    const root = await panel.show();
    const run = await openRun(root, parent);
    await expect(
      run.getByText('The cell is not in it any more.')
    ).toBeVisible();
    await run.getByRole('button', { name: 'of a deleted notebook' }).click();
    const gone = page.locator(`.jp-mlflow-Run[data-mlflow-run-id="${runId}"]`);
    await expect(
      gone.getByText('The notebook is not there any more.')
    ).toBeVisible();
  });
});

test('should show a run as soon as a cell starts it, and lead back to the cell', async ({
  page,
  panel,
  app,
  tmpPath,
  mlflow
}) => {
  const path = await putNotebook(page, `${tmpPath}/${NAME}`, [
    'above',
    'trains'
  ]);
  await panel.openApplication(NAME);
  await openNotebook(page, app, path);
  const root = await panel.show();
  await expect(
    section(root).getByText('This notebook has made no runs')
  ).toBeVisible();
  // An experiment that nobody has looked at yet.
  const experiment = await mlflow.createExperiment('kernel');
  await runCell(
    page,
    1,
    [
      'import mlflow, os, time',
      `mlflow.set_tracking_uri("${mlflow.url}")`,
      `mlflow.set_experiment("${experiment.name}")`,
      'with mlflow.start_run(run_name="from a cell"):',
      '    mlflow.log_metric("loss", 0.5)',
      '    while not os.path.exists("may-end"): time.sleep(0.05)'
    ].join('\n')
  );
  const run = section(root).getByRole('treeitem', { name: 'from a cell' });
  // The cell has to import MLflow first.
  await expect(run.getByRole('img', { name: 'Running' })).toBeVisible({
    timeout: 90_000
  });
  await expect(run).toContainText('loss 0.5');
  await page.contents.uploadContent('', 'text', `${tmpPath}/may-end`);
  await expect(run.getByRole('img', { name: 'Finished' })).toBeVisible();
  await run.click();
  await page
    .locator('.jp-mlflow-Run')
    .getByRole('button', { name: `cell [1] of ${path}` })
    .click();
  await expect(
    page.locator('.jp-NotebookPanel:visible .jp-Cell.jp-mod-active')
  ).toContainText('from a cell');
});
