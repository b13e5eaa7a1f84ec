import { head } from './doctor';
import { expect, test } from './fixtures';
import {
  addKernel,
  type AddedKernel,
  bareEnvironment,
  bashKernel,
  ipykernel,
  newestPython
} from './kernels';
import { changeKernel, openNotebook, putNotebook, section } from './notebooks';

const NAME = 'train.ipynb';

const added: AddedKernel[] = [];

test.beforeAll(() => {
  added.push(
    addKernel('bare', ipykernel(bareEnvironment())),
    addKernel('bash', bashKernel(), 'bash')
  );
});

test.afterAll(() => {
  for (const each of added) {
    each.remove();
  }
});

test('should say in the panel how MLflow is in the kernel of the notebook: one line while all is well', async ({
  page,
  panel,
  app,
  tmpPath
}) => {
  const path = await putNotebook(page, `${tmpPath}/${NAME}`);
  await panel.openApplication(NAME);
  const root = await panel.show();
  if (app === 'lab') {
    await expect(section(root)).toContainText('No notebook is open');
    await expect(head(root)).toHaveCount(0);
  }
  await openNotebook(page, app, path);
  const line = head(root).getByRole('button', { name: /^MLflow/ });
  await expect(line).toContainText('MLflow ✓ · Python 3');
  await expect(line).toHaveAttribute('aria-expanded', 'false');
  await line.focus();
  await page.keyboard.press('Enter');
  await expect(head(root)).toContainText(newestPython());

  await changeKernel(page, 'bare');
  await expect(line).toContainText('MLflow: 1 problem · bare');
  const finding = head(root).locator('[data-mlflow-finding="wrong-kernel"]');
  await expect(finding).toBeVisible();
  await finding.locator('[data-mlflow-remedy="switch-kernel"]').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Switch' }).click();
  await expect(line).toContainText('MLflow ✓ · Python 3', { timeout: 90_000 });
  await expect(finding).toHaveCount(0);

  await changeKernel(page, 'bash');
  await expect(head(root)).toHaveCount(0);
});
