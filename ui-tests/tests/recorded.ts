import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';
import { expect } from './fixtures';

/** The recorder's mark in the toolbar of the notebook in sight. */
export function mark(page: IJupyterLabPageFixture): Locator {
  return page.locator('.jp-NotebookPanel:visible [data-mlflow-recorder]');
}

/** The badge of a cell, by its place in the notebook. */
export function badge(page: IJupyterLabPageFixture, index: number): Locator {
  return page
    .locator('.jp-NotebookPanel:visible .jp-Cell')
    .nth(index)
    .locator('[data-mlflow-execution]');
}

/** Opens what can be decided about the recording of the notebook in sight. */
export async function openRecording(
  page: IJupyterLabPageFixture
): Promise<Locator> {
  await mark(page).getByRole('button').click();
  const settings = page.getByRole('dialog', {
    name: 'Recording of this notebook'
  });
  await settings.waitFor();
  return settings;
}

/** Closes it. */
export async function closeRecording(
  page: IJupyterLabPageFixture
): Promise<void> {
  await page.keyboard.press('Escape');
  await expect(
    page.getByRole('dialog', { name: 'Recording of this notebook' })
  ).toHaveCount(0);
}

/** Has the code and outputs of the notebook's cells kept on this machine. */
export async function keep(page: IJupyterLabPageFixture): Promise<void> {
  await expect(mark(page)).toHaveText('Not recorded');
  const settings = await openRecording(page);
  await settings.getByLabel('Yes, for 30 days').check();
  await settings.getByRole('button', { name: 'Apply' }).click();
  await expect(mark(page)).toHaveAttribute('data-state', 'on');
  await closeRecording(page);
}

/** As if nobody had ever been asked, and nothing chosen for all notebooks; no word is secret. */
export async function forgetChoices(
  page: IJupyterLabPageFixture
): Promise<void> {
  const rule = { scope: 'personal', rule: null };
  const answers = [
    await page.request.put('jupyter-mlflow/recording/rules', { data: rule }),
    await page.request.patch('jupyter-mlflow/recording', {
      data: { path: 'any.ipynb', offered: false }
    }),
    await page.request.patch('jupyter-mlflow/preferences', {
      data: { secret_words: null }
    })
  ];
  expect(answers.map(answer => answer.status())).toEqual([200, 200, 200]);
}
