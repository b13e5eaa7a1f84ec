import { expect, test, type Page } from '@playwright/test';
import { EMPTY_NOTEBOOK, MlflowServer } from '../tests/mlflow';
import { needed } from '../servers';

const token = needed('JUPYTER_MLFLOW_WHEEL_TOKEN');

/** Waits for the panel and the experiment in it. */
async function expectExperiment(
  page: Page,
  id: string,
  name: string
): Promise<void> {
  const panel = page.locator('[data-mlflow-panel]');
  await expect(panel).toHaveAttribute('data-state', 'ready');
  await expect(
    panel.locator(`[data-mlflow-experiment-id="${id}"]`).first()
  ).toContainText(name);
}

test.describe('The installed wheel, without Node', () => {
  const mlflow = new MlflowServer(
    'newest',
    `http://127.0.0.1:${needed('JUPYTER_MLFLOW_UI_NEWEST_PORT')}`
  );

  test.afterEach(() => mlflow.dispose());

  test('should show the panel in JupyterLab', async ({ page }) => {
    const { id, name } = await mlflow.createExperiment('wheel');
    const base = `http://127.0.0.1:${needed('JUPYTER_MLFLOW_WHEEL_LAB_PORT')}`;

    await page.goto(`${base}/lab?token=${token}`);
    await page.locator('#jupyterlab-splash').waitFor({ state: 'detached' });
    await page.getByRole('tab', { name: 'MLflow' }).click();

    await expectExperiment(page, id, name);
  });

  test('should show the panel in Notebook 7', async ({ page }) => {
    const { id, name } = await mlflow.createExperiment('wheel');
    const base = `http://127.0.0.1:${needed('JUPYTER_MLFLOW_WHEEL_NOTEBOOK_PORT')}`;
    // With its kernel named: Notebook asks for one otherwise, and opens nothing before the answer.
    await page.request.put(`${base}/api/contents/wheel.ipynb`, {
      headers: { Authorization: `token ${token}` },
      data: { type: 'notebook', format: 'json', content: EMPTY_NOTEBOOK }
    });

    await page.goto(
      `${base}/notebooks/wheel.ipynb?token=${token}&mlflow-panel=1`
    );

    await expectExperiment(page, id, name);
  });

  test('should say its version', async ({ request }) => {
    const base = `http://127.0.0.1:${needed('JUPYTER_MLFLOW_WHEEL_LAB_PORT')}`;
    const status = await request.get(`${base}/jupyter-mlflow/status`, {
      headers: { Authorization: `token ${token}` }
    });
    expect(await status.json()).toMatchObject({
      version: needed('JUPYTER_MLFLOW_WHEEL_VERSION')
    });
  });
});
