import { expect, test } from './fixtures';

const RUNS = 120;

test('should load and draw only the runs in sight, and the others when they are scrolled to', async ({
  panel,
  mlflow
}) => {
  const experiment = await mlflow.createExperiment('long');
  const ids: string[] = [];
  for (let number = 0; number < RUNS; number++) {
    ids.push(await mlflow.createRun(experiment.id, { name: `run-${number}` }));
  }
  const root = await panel.open();
  await root
    .getByRole('searchbox', { name: 'Search experiments' })
    .fill(experiment.name);
  await root.locator(`[data-mlflow-experiment-id="${experiment.id}"]`).click();
  const tree = root.getByRole('tree', { name: 'Runs' });
  const lines = tree.locator('[data-mlflow-run-id]');
  await expect(lines.first()).toBeVisible();
  await expect.poll(() => lines.count()).toBeLessThan(40);

  const oldest = tree.locator(`[data-mlflow-run-id="${ids[0]}"]`);
  await expect(oldest).toHaveCount(0);
  await expect(async () => {
    await tree.hover();
    await panel.page.mouse.wheel(0, 4000);
    await expect(oldest).toBeInViewport({ timeout: 500 });
  }).toPass();
  await expect.poll(() => lines.count()).toBeLessThan(40);
});
