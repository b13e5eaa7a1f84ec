import { expect, test } from './fixtures';
import { expectNoFlaw } from './looks';

test.use({ mockState: false });

test('should come back after a reload, with what was folded', async ({
  page,
  panel,
  mlflow
}) => {
  const experiment = await mlflow.createExperiment('restored');
  const runId = await mlflow.createRun(experiment.id, {
    name: 'to be restored',
    params: { lr: 1 }
  });
  const root = await panel.open();
  await root
    .getByRole('listbox', { name: 'Experiments' })
    .locator(`[data-mlflow-experiment-id="${experiment.id}"]`)
    .click();
  await root.locator(`[data-mlflow-run-id="${runId}"]`).first().click();
  const run = page.locator(`.jp-mlflow-Run[data-mlflow-run-id="${runId}"]`);
  // JupyterLab saves its workspace a moment after a change.
  const saved = page.waitForRequest(
    request =>
      request.method() === 'PUT' &&
      request.url().includes('/api/workspaces/') &&
      /run-folds.*"params"/.test(request.postData() ?? '') &&
      request.postData()?.includes(`runId=${runId}`) === true
  );
  await run.getByRole('button', { name: /^Parameters/ }).click();
  await expect(run.getByRole('table', { name: 'Parameters' })).toHaveCount(0);
  await (await saved).response();
  await page.reload();
  await expect(
    run.getByRole('heading', { name: 'to be restored' })
  ).toBeVisible();
  await expect(
    run.getByRole('button', { name: /^Parameters/ })
  ).toHaveAttribute('aria-expanded', 'false');
  await run.getByRole('button', { name: /^Parameters/ }).click();
  await expect(run.getByRole('table', { name: 'Parameters' })).toBeVisible();
});

test('should have no violations of accessibility rules', async ({
  page,
  panel,
  mlflow
}) => {
  const experiment = await mlflow.createExperiment('axe');
  const runId = await mlflow.createRun(experiment.id, {
    params: Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`p${i}`, i])
    ),
    metrics: { loss: 1 },
    tags: { team: 'red' }
  });
  await mlflow.logText(experiment.id, runId, 'folder/file.txt', 'text');
  const root = await panel.open();
  await root
    .getByRole('listbox', { name: 'Experiments' })
    .locator(`[data-mlflow-experiment-id="${experiment.id}"]`)
    .click();
  await root
    .getByRole('button', { name: 'Details of the Selected Experiment' })
    .click();
  await root.locator(`[data-mlflow-run-id="${runId}"]`).first().click();
  const run = page.locator(`.jp-mlflow-Run[data-mlflow-run-id="${runId}"]`);
  await run.getByRole('treeitem', { name: 'folder' }).click();
  await run.getByRole('treeitem', { name: 'file.txt' }).waitFor();
  for (const part of ['.jp-mlflow-Experiments', '.jp-mlflow-Run']) {
    await expectNoFlaw(page, part);
  }
});
