import { head } from './doctor';
import { expect, test } from './fixtures';
import {
  addKernel,
  type AddedKernel,
  bareEnvironment,
  bashKernel,
  ipykernel
} from './kernels';
import { changeKernel } from './notebooks';

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

test('should say in the toolbar of a console how MLflow is in its kernel', async ({
  page,
  panel
}) => {
  await panel.openApplication();
  await panel.show();
  await page.evaluate(async () => {
    await window.jupyterapp.commands.execute('console:create', {
      kernelPreference: { name: 'python3' }
    });
  });
  const mark = page.locator('.jp-ConsolePanel:visible [data-mlflow-doctor]');
  await expect(mark).toHaveAttribute('data-state', 'healthy', {
    timeout: 90_000
  });
  await expect(head(panel.root)).toContainText('Console 1');
  await mark.getByRole('button').click();
  await expect(
    page.getByRole('dialog', { name: 'MLflow in this kernel' })
  ).toContainText('This console logs to');
  await page.keyboard.press('Escape');

  await changeKernel(page, 'bare');
  await expect(mark).toHaveText('MLflow: 1 problem');
  await changeKernel(page, 'bash');
  await expect(mark).toBeHidden();
  await expect(head(panel.root)).toHaveCount(0);
});
