import { join } from 'node:path';
import { cells, line, mark, popover } from '../tests/doctor';
import { expect } from '../tests/fixtures';
import { makeEnvironment } from '../tests/kernels';
import { openNotebook, putPrograms, runCell } from '../tests/notebooks';
import { onOneKernel, picture, pictures, tidy } from './picture';

const NAME = 'train.ipynb';
/** An import of MLflow on a busy machine takes its time. */
const IMPORT_MS = 240_000;
const PROGRAMS = [
  'import mlflow',
  'import pandas as pd\nimport seaborn as sns',
  'mlflow.set_experiment("Wine cultivars")\nwith mlflow.start_run():\n' +
    '    mlflow.log_param("alpha", 0.5)\n    mlflow.log_metric("rmse", 0.79)'
];

const test = onOneKernel(folder => makeEnvironment(join(folder, 'venv')));

test('from a failed import to the proof', async ({
  page,
  panel,
  app,
  tmpPath
}) => {
  const path = await putPrograms(page, `${tmpPath}/${NAME}`, PROGRAMS);
  await panel.openApplication(NAME);
  await page.sidebar.close('left');
  await openNotebook(page, app, path);
  await runCell(page, 0, PROGRAMS[0]);
  await expect(cells(page).first()).toContainText('ModuleNotFoundError');
  const create = line(page).getByRole('button', {
    name: 'Create an environment…'
  });
  await expect(create).toBeVisible();
  await tidy(page);
  await pictures(page, 'doctor-line');

  await mark(page).getByRole('button').click();
  await expect(
    popover(page).locator('[data-mlflow-finding="package-missing"]')
  ).toBeVisible();
  await pictures(page, 'doctor-popover');
  await page.keyboard.press('Escape');

  await create.click();
  const wizard = page.getByRole('dialog');
  await expect(wizard.getByRole('checkbox', { name: 'seaborn' })).toBeChecked();
  await picture(page, 'doctor-wizard-light');
  await wizard.getByRole('button', { name: 'Create', exact: true }).click();
  await wizard
    .getByRole('button', { name: 'Switch this notebook to it' })
    .click({ timeout: 600_000 });
  await expect(wizard.locator('[data-mlflow-proof]')).toContainText(
    'works in this kernel',
    { timeout: IMPORT_MS }
  );
  await pictures(page, 'doctor-proof');
  await wizard.getByRole('button', { name: 'Close' }).last().click();

  await runCell(page, 0, PROGRAMS[0]);
  await expect(page.locator('.jp-InputPrompt:visible').first()).toHaveText(
    '[1]:',
    { timeout: IMPORT_MS }
  );
  await expect(line(page)).toHaveCount(0);
  await expect(mark(page)).toHaveAttribute('data-state', 'healthy');
  await mark(page).getByRole('button').click();
  await expect(popover(page)).toContainText('This notebook logs to');
  await tidy(page);
  await pictures(page, 'doctor-healthy');
});

test.describe('Notebook 7', () => {
  test.use({ app: 'notebook-7' });

  test('the popover of a problem', async ({ page, panel, app, tmpPath }) => {
    const path = await putPrograms(page, `${tmpPath}/${NAME}`, PROGRAMS);
    await panel.openApplication(NAME);
    await openNotebook(page, app, path);
    await runCell(page, 0, PROGRAMS[0]);
    await expect(line(page)).toBeVisible();
    await mark(page).getByRole('button').click();
    await expect(popover(page)).toBeVisible();
    await tidy(page);
    await picture(page, 'doctor-notebook-7');
  });
});
