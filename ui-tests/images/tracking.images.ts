import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { cells } from '../tests/doctor';
import { expect } from '../tests/fixtures';
import { newestPython } from '../tests/kernels';
import { openNotebook, runAll, section } from '../tests/notebooks';
import { onOneKernel, pictures, tidy } from './picture';

const NAME = 'tracking-experiments.ipynb';
const DEMO = resolve(__dirname, '../../demo', NAME);
/** The notebook trains and logs a dozen models. */
const DEMO_MS = 600_000;

const test = onOneKernel(newestPython, 'wine');
test.use({ viewport: { width: 1360, height: 800 } });

test('the panel, a run and the table of the tutorial notebook', async ({
  page,
  panel,
  app,
  tmpPath
}) => {
  const path = `${tmpPath}/${NAME}`;
  await page.contents.uploadContent(readFileSync(DEMO, 'utf8'), 'text', path);
  await panel.openApplication();
  await openNotebook(page, app, path);
  await page.waitForFunction(
    () =>
      (
        window.jupyterapp.shell.currentWidget as unknown as {
          sessionContext: { session: { kernel: { status: string } } | null };
        }
      ).sessionContext.session?.kernel?.status === 'idle'
  );
  await runAll(page);
  await expect(
    cells(page).last().locator('.jp-OutputArea-output')
  ).toContainText('predicted', { timeout: DEMO_MS });
  const root = await panel.show();
  await root
    .getByRole('listbox', { name: 'Experiments' })
    .getByText('Wine cultivars')
    .click();
  const run = root
    .getByRole('tree', { name: 'Runs' })
    .locator('[data-mlflow-run-id]')
    .filter({ hasText: 'extra trees' });
  await expect(section(root)).toContainText('extra trees');
  await run.first().click();
  await expect(
    page.getByRole('heading', { name: 'extra trees' })
  ).toBeVisible();
  await tidy(page);
  await pictures(page, 'run');

  await root.getByRole('button', { name: 'Open Runs as Table' }).click();
  await expect(
    page.getByRole('row').filter({ hasText: 'logistic regression' }).first()
  ).toBeVisible();
  await tidy(page);
  await pictures(page, 'table');
});
