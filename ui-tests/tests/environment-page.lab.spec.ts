import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import {
  addKernels,
  environmentRow,
  folderOf,
  kernelRow,
  openPage,
  prefixOf,
  shownPage
} from './environment-page';
import { expect, test } from './fixtures';
import { type AddedKernel, bareEnvironment } from './kernels';
import { expectNoFlaw, setTheme, THEMES } from './looks';

let added: ReadonlyArray<AddedKernel> = [];

test.beforeAll(() => {
  added = addKernels();
});

test.afterAll(() => {
  for (const each of added) {
    each.remove();
  }
});

test('should repair and remove kernels by the keyboard, and show what is so afterwards', async ({
  page,
  panel
}) => {
  await panel.openApplication();
  await openPage(page);
  const root = await shownPage(page);
  const gone = kernelRow(root, 'gone');
  await gone.getByRole('button', { name: 'Repair… (gone)' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(folderOf('gone'));
  await dialog.getByRole('radio', { name: bareEnvironment() }).check();
  await dialog.getByRole('button', { name: 'Repair' }).click();
  await expect(dialog.getByText('The kernel “gone” is repaired')).toBeVisible({
    timeout: 90_000
  });
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(gone).not.toHaveAttribute('data-problem');
  await expect(gone).toContainText(bareEnvironment());
  const written = JSON.parse(
    readFileSync(join(folderOf('gone'), 'kernel.json'), 'utf8')
  ) as { argv: string[] };
  expect(written.argv[0]).toBe(bareEnvironment());

  await kernelRow(root, 'torn')
    .getByRole('button', { name: 'More for torn' })
    .focus();
  await page.keyboard.press('ArrowDown');
  const menu = page.getByRole('menu');
  await expect(
    menu.getByRole('menuitem', { name: 'Remove the kernel…' })
  ).toBeVisible();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(dialog).toContainText(folderOf('torn'));
  expect(existsSync(folderOf('torn'))).toBe(true);
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(dialog.getByText('The kernel “torn” is removed')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(kernelRow(root, 'torn')).toHaveCount(0);
  expect(existsSync(folderOf('torn'))).toBe(false);
});

test('should show the commands of an environment instead of doing them', async ({
  page,
  panel
}) => {
  await panel.openApplication();
  await openPage(page);
  const root = await shownPage(page);
  await environmentRow(root, bareEnvironment())
    .getByRole('button', { name: /^More for/ })
    .click();
  await page.getByRole('menuitem', { name: 'Show me the commands' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(
    `source ${prefixOf(bareEnvironment())}/bin/activate`
  );
  await expect(dialog).toContainText(`${bareEnvironment()} -m pip install`);
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
});

for (const theme of THEMES) {
  test(`should have no flaw that axe finds (${theme})`, async ({
    page,
    panel
  }) => {
    await panel.openApplication();
    await openPage(page);
    await shownPage(page);
    await setTheme(page, theme);
    await expectNoFlaw(page, '[data-mlflow-environments]');
  });
}

test.describe('The page of environments, left open', () => {
  test.use({ mockState: false });

  /** JupyterLab saves its workspace a moment after a change. */
  const saved = async (page: Page, isOpen: boolean): Promise<void> => {
    const request = await page.waitForRequest(
      each =>
        each.method() === 'PUT' &&
        each.url().includes('/api/workspaces/') &&
        each.postData()?.includes('mlflow-view:environments/') === isOpen
    );
    await request.response();
  };

  test('should be there again after a reload', async ({ page, panel }) => {
    await panel.openApplication();
    const written = saved(page, true);
    await openPage(page);
    await shownPage(page);
    await written;
    await page.reload();
    await shownPage(page);
    const forgotten = saved(page, false);
    await page
      .getByRole('tab', { name: 'Environments' })
      .locator('.lm-TabBar-tabCloseIcon')
      .click();
    await forgotten;
  });
});
