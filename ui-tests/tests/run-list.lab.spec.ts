import type { Locator } from '@playwright/test';
import { expect, test } from './fixtures';
import type { MlflowServer } from './mlflow';

const line = (root: Locator, runId: string): Locator =>
  root
    .getByRole('tree', { name: 'Runs' })
    .locator(`[data-mlflow-run-id="${runId}"]`);

/** Selects an experiment, of which the list may show only a part. */
async function select(
  root: Locator,
  experiment: { id: string; name: string }
): Promise<void> {
  await root
    .getByRole('searchbox', { name: 'Search experiments' })
    .fill(experiment.name);
  await root.locator(`[data-mlflow-experiment-id="${experiment.id}"]`).click();
}

async function useServer(root: Locator, server: MlflowServer): Promise<void> {
  const switcher = root.locator('[data-mlflow-server]');
  if (server.name === 'oldest') {
    await switcher.click();
    await root.page().getByRole('menuitem', { name: 'oldest' }).click();
    await expect(switcher).toContainText('oldest');
    await expect(switcher).toHaveAttribute('data-state', 'connected');
  }
}

test.describe('The section of runs', () => {
  for (const which of ['mlflow', 'oldest'] as const) {
    test(`should show new runs, states and metrics as they come (${which})`, async ({
      panel,
      mlflow,
      oldest
    }) => {
      const server = which === 'mlflow' ? mlflow : oldest;
      const experiment = await server.createExperiment('live');
      const root = await panel.open();
      await useServer(root, server);
      await select(root, experiment);
      await expect(root.getByText('No runs yet')).toBeVisible();

      const runId = await server.createRun(experiment.id, {
        name: 'first of all',
        metrics: { loss: 0.5 },
        status: null
      });
      await expect(line(root, runId)).toContainText('first of all');
      await expect(
        line(root, runId).getByRole('img', { name: 'Running' })
      ).toBeVisible();
      await expect(line(root, runId)).toContainText('loss 0.5');
      await server.logMetric(runId, 'loss', 0.25, 1);
      await expect(line(root, runId)).toContainText('loss 0.25');
      await server.post('runs/update', {
        run_id: runId,
        status: 'FAILED',
        end_time: Date.now()
      });
      await expect(
        line(root, runId).getByRole('img', { name: 'Failed' })
      ).toBeVisible();
      await server.post('runs/delete', { run_id: runId });
      await expect(line(root, runId)).toHaveCount(0);
    });
  }

  test('should nest runs, and open branches by the keyboard', async ({
    panel,
    mlflow
  }) => {
    const experiment = await mlflow.createExperiment('nested');
    const parent = await mlflow.createRun(experiment.id, { name: 'parent' });
    const child = await mlflow.createRun(experiment.id, {
      name: 'child',
      parent
    });
    const orphan = await mlflow.createRun(experiment.id, {
      name: 'orphan',
      parent: '0'.repeat(32)
    });
    const root = await panel.open();
    await select(root, experiment);
    await expect(line(root, parent)).toHaveAttribute('aria-expanded', 'false');
    await expect(line(root, child)).toHaveCount(0);
    await expect(
      line(root, orphan).getByRole('img', { name: 'Nested run' })
    ).toBeVisible();

    const tree = root.getByRole('tree', { name: 'Runs' });
    await tree.press('End');
    await expect(line(root, parent)).toHaveAttribute('aria-selected', 'true');
    await tree.press('ArrowRight');
    await expect(line(root, child)).toHaveAttribute('aria-level', '2');
    await tree.press('ArrowDown');
    await expect(line(root, child)).toHaveAttribute('aria-selected', 'true');
    await tree.press('ArrowLeft');
    await tree.press('ArrowLeft');
    await expect(line(root, child)).toHaveCount(0);
  });

  test('should rename, delete and restore a run by the keyboard', async ({
    page,
    panel,
    mlflow
  }) => {
    const experiment = await mlflow.createExperiment('edits');
    const runId = await mlflow.createRun(experiment.id, { name: 'before' });
    await mlflow.createRun(experiment.id, { name: 'other' });
    const root = await panel.open();
    await select(root, experiment);
    await expect(line(root, runId)).toBeVisible();
    await root.getByRole('tree', { name: 'Runs' }).focus();
    await page.keyboard.press('End');
    await page.keyboard.press('F2');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('<b>after</b> "x"');
    await dialog.getByRole('button', { name: 'Rename' }).click();
    await expect(line(root, runId)).toContainText('<b>after</b> "x"');

    await root.getByRole('tree', { name: 'Runs' }).focus();
    await page.keyboard.press('Delete');
    await expect(dialog).toContainText('<b>after</b> "x"');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(line(root, runId)).toHaveCount(0);

    await root.getByRole('button', { name: 'Show Deleted Runs' }).click();
    await line(root, runId).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Restore Run' }).click();
    await expect(line(root, runId)).toHaveCount(0);
    await root.getByRole('button', { name: 'Show Deleted Runs' }).click();
    await expect(line(root, runId)).toBeVisible();
  });

  test('should search names and filters, and say what is wrong with one', async ({
    page,
    panel,
    mlflow
  }) => {
    const experiment = await mlflow.createExperiment('search');
    const good = await mlflow.createRun(experiment.id, {
      name: 'Good One',
      metrics: { loss: 0.1 }
    });
    const bad = await mlflow.createRun(experiment.id, {
      name: 'bad',
      metrics: { loss: 0.9 }
    });
    const root = await panel.open();
    await select(root, experiment);
    await expect(line(root, bad)).toBeVisible();
    await root.getByRole('tree', { name: 'Runs' }).focus();
    await page.keyboard.type('good');
    await expect(line(root, bad)).toHaveCount(0);
    await expect(line(root, good)).toBeVisible();

    const search = root.getByRole('searchbox', { name: 'Search runs' });
    await search.fill('metrics.loss > 0.5');
    await expect(line(root, good)).toHaveCount(0);
    await expect(line(root, bad)).toBeVisible();
    await search.fill('metric.loss >> 0.5');
    await expect(search).toHaveAttribute('aria-invalid', 'true');
    await search.fill('nothing like it');
    await expect(root.getByText('No runs match')).toBeVisible();
    await root
      .getByRole('region', { name: 'Runs Section' })
      .getByRole('button', { name: 'Clear the search' })
      .first()
      .click();
    await expect(line(root, good)).toBeVisible();
  });

  test('should read on as somebody scrolls, and show the metrics that were picked', async ({
    panel,
    mlflow
  }) => {
    const experiment = await mlflow.createExperiment('long');
    for (let number = 0; number < 90; number++) {
      await mlflow.createRun(experiment.id, {
        name: `run ${number}`,
        metrics: { loss: number, accuracy: 1 }
      });
    }
    const root = await panel.open();
    await select(root, experiment);
    const tree = root.getByRole('tree', { name: 'Runs' });
    await expect(tree.getByRole('treeitem', { name: 'run 89' })).toBeVisible();
    await expect(async () => {
      await tree.press('End');
      await expect(
        tree
          .getByRole('treeitem', { name: /^run 0/ })
          .or(tree.getByText('run 0', { exact: true }))
          .first()
      ).toBeVisible({ timeout: 500 });
    }).toPass();
    await expect(root.getByText('90 runs')).toBeVisible();

    await root.getByRole('button', { name: 'Choose Metrics to Show' }).click();
    await root.getByRole('checkbox', { name: 'loss' }).check();
    await expect(tree.getByText('loss 0').first()).toBeVisible();
  });
});
