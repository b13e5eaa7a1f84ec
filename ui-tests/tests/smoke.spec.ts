import { expect, test } from './fixtures';

test.describe('The MLflow panel', () => {
  test('should show an experiment of a real server', async ({
    panel,
    mlflow
  }) => {
    const experiment = await mlflow.createExperiment('smoke');
    await mlflow.createRun(experiment.id, {
      name: 'first run',
      metrics: { loss: [3, 2, 1] }
    });

    const root = await panel.open();

    await expect(root).toHaveAttribute('data-state', 'ready');
    await expect(
      root.locator(`[data-mlflow-experiment-id="${experiment.id}"]`).first()
    ).toContainText(experiment.name);
  });

  test('should ask nothing of the tracking server before it is shown', async ({
    panel
  }) => {
    const asked: string[] = [];
    panel.page.on('request', request => {
      if (
        /\/jupyter-mlflow\/servers\/[^/]+\/(mlflow|health)/.test(request.url())
      ) {
        asked.push(request.url());
      }
    });

    await panel.openApplication();
    // The status item stands there once the extension has started.
    await panel.page.waitForFunction(() => 'jupyterapp' in window);
    expect(asked).toEqual([]);

    await panel.show();
    expect(asked.length).toBeGreaterThan(0);
  });
});
