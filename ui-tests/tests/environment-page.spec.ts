import { needed } from '../servers';
import {
  addKernels,
  environmentRow,
  kernelRow,
  openPage,
  shownPage
} from './environment-page';
import { expect, test } from './fixtures';
import { type AddedKernel, bareEnvironment, newestPython } from './kernels';
import { openNotebook, putNotebook } from './notebooks';

const NAME = 'train.ipynb';

let added: ReadonlyArray<AddedKernel> = [];

test.beforeAll(() => {
  added = addKernels();
});

test.afterAll(() => {
  for (const each of added) {
    each.remove();
  }
});

test('should say what each environment and kernel has, what is wrong, and what the notebook runs in', async ({
  page,
  panel,
  app,
  context,
  tmpPath
}) => {
  const path = await putNotebook(page, `${tmpPath}/${NAME}`);
  await panel.openApplication(NAME);
  await openNotebook(page, app, path);
  // Notebook 7 has no room for it: JupyterLab opens in a tab of its own.
  const tab = app === 'lab' ? null : context.waitForEvent('page');
  await openPage(page);
  const root = await shownPage(tab === null ? page : await tab);

  const full = environmentRow(root, newestPython());
  await expect(full).toContainText('runs Jupyter');
  await expect(full.getByRole('cell').nth(1)).toHaveText(/^3\.\d+\.\d+/);
  await expect(
    environmentRow(root, needed('JUPYTER_MLFLOW_TEST_PYTHON_OLDEST'))
  ).toHaveCount(0);
  const bare = environmentRow(root, bareEnvironment());
  await expect(bare.getByRole('cell').nth(1)).toHaveText('none');
  await expect(bare.getByRole('cell').nth(4)).toHaveText('bare');

  await expect(kernelRow(root, 'bare')).not.toHaveAttribute('data-problem');
  await expect(kernelRow(root, 'gone')).toHaveAttribute(
    'data-problem',
    'stale'
  );
  await expect(kernelRow(root, 'gone')).toContainText(
    'Its interpreter is gone'
  );
  await expect(kernelRow(root, 'torn')).toHaveAttribute(
    'data-problem',
    'broken-json'
  );
  await expect(kernelRow(root, 'bash').getByRole('button')).toHaveCount(0);
  if (app === 'lab') {
    await expect(full).toContainText(`runs ${NAME}`);
    await expect(
      bare.getByRole('button', { name: /^Install MLflow/ })
    ).toBeVisible();
  }
});
