import { expect, test } from './fixtures';

test('should open a run in the panel, insert code to load it, and lead back', async ({
  page,
  panel,
  mlflow
}) => {
  const experiment = await mlflow.createExperiment('drill');
  const runId = await mlflow.createRun(experiment.id, { name: 'in the panel' });
  const root = await panel.open();
  await root
    .getByRole('listbox', { name: 'Experiments' })
    .locator(`[data-mlflow-experiment-id="${experiment.id}"]`)
    .click();
  const line = root.locator(`[data-mlflow-run-id="${runId}"]`).first();
  await line.click();
  const run = root.locator(`.jp-mlflow-Run[data-mlflow-run-id="${runId}"]`);
  await expect(
    run.getByRole('heading', { name: 'in the panel' })
  ).toBeVisible();

  await run
    .getByRole('button', { name: 'Insert Code to Load This Run' })
    .click();
  await expect(page.locator('.jp-Notebook .jp-Cell').nth(1)).toContainText(
    `mlflow.get_run("${runId}")`
  );

  await root.getByRole('button', { name: 'Back' }).click();
  await expect(run).toHaveCount(0);
  await expect(line).toBeVisible();
});
