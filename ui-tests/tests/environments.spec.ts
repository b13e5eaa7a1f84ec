import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';
import { expect, test } from './fixtures';
import {
  addKernel,
  type AddedKernel,
  bareEnvironment,
  environmentsFolder,
  ipykernel
} from './kernels';
import { openNotebook, putNotebook, runCell } from './notebooks';

const NAME = 'train.ipynb';

let bare: AddedKernel;

test.beforeAll(() => {
  bare = addKernel('bare', ipykernel(bareEnvironment()));
});

test.afterAll(() => {
  bare.remove();
});

/** Opens the wizard as the command palette does. */
async function openWizard(page: IJupyterLabPageFixture): Promise<Locator> {
  await page.evaluate(() => {
    void window.jupyterapp.commands.execute('mlflow:create-environment');
  });
  const wizard = page.getByRole('dialog');
  await expect(wizard.getByLabel('Name', { exact: true })).toBeVisible();
  return wizard;
}

const unique = (name: string): string =>
  `${name}_${Math.random().toString(36).slice(2, 8)}`;

test('should create an environment, switch the notebook to it, and say what the kernel answers', async ({
  page,
  panel,
  app,
  tmpPath
}) => {
  test.setTimeout(240_000);
  const path = await putNotebook(
    page,
    `${tmpPath}/${NAME}`,
    ['first', 'second'],
    bare.metadata
  );
  await panel.openApplication(NAME);
  await openNotebook(page, app, path);
  // Its kernel has answered: it runs.
  await expect(
    page.locator('.jp-NotebookPanel:visible [data-mlflow-doctor]')
  ).toHaveAttribute('data-state', 'attention');
  await runCell(page, 1, 'import cloudpickle');
  const wizard = await openWizard(page);
  const name = unique('mlflow_venv');
  await wizard.getByLabel('Name', { exact: true }).fill(name);
  await wizard.getByText('Folder, Python and requirements file').click();
  await wizard.getByLabel('Folder', { exact: true }).fill(environmentsFolder());
  await expect(wizard.getByText(/also imports cloudpickle/)).toBeVisible();
  await expect(
    wizard.getByRole('checkbox', { name: 'cloudpickle' })
  ).toBeChecked();
  await wizard.getByRole('button', { name: 'Create', exact: true }).click();

  const output = wizard.getByRole('region', { name: 'Output of the job' });
  await expect(output).toContainText('== Make the environment', {
    timeout: 30_000
  });
  await wizard
    .getByRole('button', { name: 'Switch this notebook to it' })
    .click({ timeout: 180_000 });
  await expect(wizard.locator('[data-mlflow-proof="true"]')).toContainText(
    /^MLflow \d+\.\d+\.\d+ works in this kernel\.$/,
    { timeout: 40_000 }
  );
  await wizard.getByRole('button', { name: 'Close' }).last().click();
  await runCell(page, 0, 'import mlflow, cloudpickle, sys; print(sys.prefix)');
  await expect(
    page.locator('.jp-NotebookPanel:visible .jp-OutputArea-output').first()
  ).toContainText(`${environmentsFolder()}/${name}`, { timeout: 40_000 });
});

test('should say at the fields what is refused, and keep what was typed', async ({
  page,
  panel
}) => {
  await panel.openApplication();
  await page.waitForFunction(() => 'jupyterapp' in window);
  const wizard = await openWizard(page);
  const create = wizard.getByRole('button', { name: 'Create', exact: true });
  for (const name of ['a/b', '..', 'with space', 'x'.repeat(200)]) {
    await wizard.getByLabel('Name', { exact: true }).fill(name);
    await create.click();
    await expect(wizard.getByRole('alert')).toContainText('is not a name');
    await expect(wizard.getByLabel('Name', { exact: true })).toHaveAttribute(
      'aria-invalid',
      'true'
    );
    await expect(wizard.getByLabel('Name', { exact: true })).toHaveValue(name);
  }
  await wizard.getByLabel('Name', { exact: true }).fill(unique('never'));
  await wizard.getByLabel('MLflow version').fill('1.0');
  await create.click();
  await expect(wizard.getByLabel('MLflow version')).toHaveAttribute(
    'aria-invalid',
    'true'
  );
  await wizard.getByLabel('MLflow version').fill('');
  await wizard.getByLabel('More packages').fill('--index-url');
  await create.click();
  await expect(wizard.getByRole('alert')).toContainText('option');
  await wizard.getByLabel('More packages').fill('');
  await wizard.getByText('Folder, Python and requirements file').click();
  await wizard.getByLabel('Folder', { exact: true }).fill('no/such/folder');
  await create.click();
  await expect(wizard.getByRole('alert')).toContainText('does not exist');
  const taken = unique('taken');
  mkdirSync(join(environmentsFolder(), taken));
  await wizard.getByLabel('Name', { exact: true }).fill(taken);
  await wizard.getByLabel('Folder', { exact: true }).fill(environmentsFolder());
  await create.click();
  await expect(wizard.getByRole('alert')).toContainText(taken);
  await expect(wizard.getByLabel('Name', { exact: true })).toHaveAttribute(
    'aria-invalid',
    'true'
  );
  await page.keyboard.press('Escape');
  await expect(wizard).toHaveCount(0);
});

test('should say in the installer’s own words what cannot be had, keep nothing of it, and lead back to the form', async ({
  page,
  panel
}) => {
  test.setTimeout(120_000);
  await panel.openApplication();
  await page.waitForFunction(() => 'jupyterapp' in window);
  const wizard = await openWizard(page);
  const name = unique('impossible');
  await wizard.getByLabel('Name', { exact: true }).fill(name);
  await wizard.getByLabel('MLflow version').fill('3.999.0');
  await wizard.getByText('Folder, Python and requirements file').click();
  await wizard.getByLabel('Folder', { exact: true }).fill(environmentsFolder());
  await wizard.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(wizard).toContainText(`“${name}” could not be created`, {
    timeout: 90_000
  });
  await expect(wizard.locator('.jp-mlflow-State-body')).toContainText(
    'mlflow==3.999.0'
  );
  expect(existsSync(join(environmentsFolder(), name))).toBe(false);
  await wizard.getByRole('button', { name: 'Back' }).click();
  await expect(wizard.getByLabel('MLflow version')).toHaveValue('3.999.0');
  await page.keyboard.press('Escape');
  await expect(wizard).toHaveCount(0);
});

test('should leave nothing of a job that was cancelled', async ({
  page,
  panel
}) => {
  await panel.openApplication();
  await page.waitForFunction(() => 'jupyterapp' in window);
  const wizard = await openWizard(page);
  const name = unique('cancelled');
  await wizard.getByLabel('Name', { exact: true }).fill(name);
  await wizard.getByText('Folder, Python and requirements file').click();
  await wizard.getByLabel('Folder', { exact: true }).fill(environmentsFolder());
  await wizard.getByRole('button', { name: 'Create', exact: true }).click();
  // The form has a Cancel, too, and JupyterLab calls the dialog's × so.
  await expect(
    wizard.getByRole('region', { name: 'Output of the job' })
  ).toBeVisible();
  await wizard.getByText('Cancel', { exact: true }).click();
  await expect(wizard.getByText('It was cancelled')).toBeVisible({
    timeout: 30_000
  });
  await expect(wizard.getByText('Nothing of it was kept.')).toBeVisible();
  await expect
    .poll(() => existsSync(join(environmentsFolder(), name)))
    .toBe(false);
  await wizard.getByRole('button', { name: 'Close' }).last().click();
});
