import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { cells } from './doctor';
import {
  environmentRow,
  openPage,
  prefixOf,
  shownPage
} from './environment-page';
import { expect, test as base } from './fixtures';
import { OwnJupyter } from './jupyter';
import { addKernel, ipykernel, makeEnvironment } from './kernels';
import { openNotebook, putPrograms, runCell } from './notebooks';

const NAME = 'train.ipynb';
/** Installing MLflow, and an import of it, on a machine of two cores. */
const JOB_MS = 180_000;

/** A machine with a kernel without MLflow, and an environment beside the notebooks that no kernel starts. */
const test = base.extend<object, { jupyter: OwnJupyter }>({
  jupyter: [
    async ({}, use) => {
      const jupyter = await OwnJupyter.start(server => {
        const python = makeEnvironment(join(server, 'work'));
        addKernel('python3', ipykernel(python), 'python', { server });
        makeEnvironment(join(server, 'root', 'spare'));
      });
      await use(jupyter);
      await jupyter.stop();
    },
    { scope: 'worker', timeout: 180_000 }
  ],
  baseURL: async ({ jupyter }, use) => use(jupyter.url)
});

const dialog = (page: Page): Locator => page.locator('.jp-Dialog');

/** Waits until the job of the dialog has ended well, and leaves. */
async function done(page: Page, said: string): Promise<void> {
  await expect(dialog(page)).toContainText(said, { timeout: JOB_MS });
}

async function close(page: Page): Promise<void> {
  await dialog(page).getByRole('button', { name: 'Close' }).last().click();
  await expect(dialog(page)).toHaveCount(0);
}

const pythonOf = (folder: string): string => join(folder, 'bin', 'python');

/** The kernelspecs that start an interpreter, as they stand on the disk. */
function kernelsOf(jupyter: OwnJupyter, python: string): string[] {
  const folder = join(jupyter.folder, 'data', 'kernels');
  return readdirSync(folder).filter(name => {
    const file = readFileSync(join(folder, name, 'kernel.json'), 'utf8');
    return (JSON.parse(file) as { argv: string[] }).argv[0] === python;
  });
}

test('should install into the environment of a kernel, add another to the kernels, and switch to it', async ({
  page,
  panel,
  tmpPath,
  jupyter
}) => {
  test.setTimeout(2 * JOB_MS);
  const work = pythonOf(join(jupyter.folder, 'work'));
  const spare = pythonOf(join(jupyter.folder, 'root', 'spare'));
  const program = 'import sys; print("runs in:", sys.prefix)';
  const path = await putPrograms(page, `${tmpPath}/${NAME}`, [program]);
  await panel.openApplication(NAME);
  await openNotebook(page, 'lab', path);
  await openPage(page);
  const root = await shownPage(page);

  const installed = environmentRow(root, work);
  await expect(installed).toContainText(`runs ${NAME}`);
  await installed.getByRole('button', { name: /^Install MLflow/ }).click();
  // It is the kernel in use: it is asked itself.
  await expect(dialog(page).locator('[data-mlflow-proof]')).toHaveText(
    /^MLflow \d+\.\d+\.\d+ works in this kernel\.$/,
    { timeout: JOB_MS }
  );
  await close(page);
  await expect(
    installed.getByRole('cell').and(root.locator('[data-label="MLflow"]'))
  ).toHaveText(/^\d+\.\d+\.\d+$/);
  const [library] = readdirSync(join(prefixOf(work), 'lib'));
  expect(
    existsSync(join(prefixOf(work), 'lib', library, 'site-packages', 'mlflow'))
  ).toBe(true);

  const added = environmentRow(root, spare);
  await expect(
    added.getByRole('cell').and(root.locator('[data-label="Kernels"]'))
  ).toHaveText('none');
  expect(kernelsOf(jupyter, spare)).toEqual([]);
  await added.getByRole('button', { name: /^More for/ }).click();
  await page.getByRole('menuitem', { name: 'Add to the kernels' }).click();
  await done(page, 'spare is among the kernels');
  await close(page);
  expect(kernelsOf(jupyter, spare)).toHaveLength(1);

  await added.getByRole('button', { name: /^More for/ }).click();
  await page.getByRole('menuitem', { name: `Use it in ${NAME}…` }).click();
  await dialog(page).getByRole('button', { name: 'Switch' }).click();
  await expect(added).toContainText(`runs ${NAME}`, { timeout: JOB_MS });
  await page.getByRole('tab', { name: NAME }).click();
  await runCell(page, 0, program);
  await expect(cells(page).first()).toContainText(
    `runs in: ${prefixOf(spare)}`
  );
});

test('should create an environment, and take it away with its kernel when nothing runs in it', async ({
  page,
  panel,
  jupyter
}) => {
  test.setTimeout(2 * JOB_MS);
  const prefix = join(jupyter.folder, 'root', 'made-here');
  await panel.openApplication(NAME);
  await openPage(page);
  const root = await shownPage(page);
  await root.getByRole('button', { name: 'Create an environment…' }).click();
  await dialog(page).getByLabel('Name', { exact: true }).fill('made-here');
  await dialog(page).getByText('Folder, Python and requirements file').click();
  await dialog(page)
    .getByLabel('Folder', { exact: true })
    .fill(join(jupyter.folder, 'root'));
  await dialog(page)
    .getByRole('button', { name: 'Create', exact: true })
    .click();
  await done(page, '“made-here” is ready');
  await close(page);
  const row = environmentRow(root, pythonOf(prefix));
  await expect(row).toContainText('made by a job here');
  expect(kernelsOf(jupyter, pythonOf(prefix))).toHaveLength(1);

  await row.getByRole('button', { name: /^More for/ }).click();
  await page.getByRole('menuitem', { name: 'Remove the environment…' }).click();
  await expect(dialog(page)).toContainText(prefix);
  expect(existsSync(prefix)).toBe(true);
  await dialog(page).getByRole('button', { name: 'Remove' }).click();
  await done(page, 'made-here is removed');
  await close(page);
  await expect(row).toHaveCount(0);
  expect(existsSync(prefix)).toBe(false);
  expect(kernelsOf(jupyter, pythonOf(prefix))).toEqual([]);
});
