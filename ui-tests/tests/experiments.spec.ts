import type { Locator } from '@playwright/test';
import { expect, test } from './fixtures';

function row(root: Locator, id: string): Locator {
  return root
    .getByRole('listbox', { name: 'Experiments' })
    .locator(`[data-mlflow-experiment-id="${id}"]`);
}

/** Shows only what a test made: tests share the servers. */
async function search(root: Locator, text: string): Promise<void> {
  await root
    .getByRole('searchbox', { name: /Search .*experiments/ })
    .fill(text);
}

test.describe('The section of experiments', () => {
  test('should create, rename, delete and restore an experiment', async ({
    page,
    panel,
    mlflow
  }) => {
    const { name: taken } = await mlflow.createExperiment('taken');
    const name = taken.replace('taken', 'made here');
    const root = await panel.open();

    await root.getByRole('button', { name: 'New Experiment…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog
      .getByRole('textbox', { name: 'Name of the experiment' })
      .fill(taken);
    await page.keyboard.press('Enter');
    await expect(dialog.getByRole('alert')).toContainText(
      `“${taken}”`.slice(1, -1)
    );
    await expect(dialog.getByRole('textbox')).toHaveValue(taken);
    await dialog.getByRole('textbox').fill(name);
    await dialog.getByRole('button', { name: 'Create' }).click();
    const made = root.getByRole('option', { name });
    await expect(made).toHaveAttribute('aria-selected', 'true');
    const id = (await made.getAttribute('data-mlflow-experiment-id')) ?? '';

    await made.click();
    await page.keyboard.press('F2');
    await dialog
      .getByRole('textbox', { name: 'New name' })
      .fill(`${name} <b>"renamed"</b>`);
    await dialog.getByRole('button', { name: 'Rename' }).click();
    await expect(row(root, id)).toContainText(`${name} <b>"renamed"</b>`);

    await row(root, id).click();
    await page.keyboard.press('Delete');
    await expect(dialog).toContainText(`${name} <b>"renamed"</b>`);
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(row(root, id)).toHaveCount(0);

    await root
      .getByRole('button', { name: 'Show Deleted Experiments' })
      .click();
    await row(root, id).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Restore Experiment' }).click();
    await expect(row(root, id)).toHaveAttribute('aria-selected', 'true');
    await expect(
      root.getByRole('button', { name: 'Show Deleted Experiments' })
    ).toHaveAttribute('aria-pressed', 'false');
    await mlflow.post('experiments/delete', { experiment_id: id });
  });

  test('should find names of every kind as one types, and say when there is none', async ({
    panel,
    mlflow
  }) => {
    const odd = await mlflow.createExperiment(
      '<script>alert(1)</script> & "double" \'single\' 🚀'
    );
    const long = await mlflow.createExperiment('x'.repeat(400));
    const root = await panel.open();

    await search(root, '& "DOUBLE" \'single');
    await expect(row(root, odd.id)).toHaveAttribute('title', odd.name);
    await expect(row(root, long.id)).toHaveCount(0);
    await search(root, 'x'.repeat(400));
    await expect(row(root, long.id)).toHaveAttribute('title', long.name);
    await search(root, 'no such “thing”');
    await expect(
      root.getByText('No experiments match “no such “thing””')
    ).toBeVisible();
  });

  test('should work by the keyboard alone', async ({ page, panel, mlflow }) => {
    const first = await mlflow.createExperiment('keys one');
    const second = await mlflow.createExperiment('keys two');
    const root = await panel.open();
    const list = root.getByRole('listbox', { name: 'Experiments' });
    await row(root, second.id).click();

    await list.press('k');
    const search = root.getByRole('searchbox', { name: 'Search experiments' });
    await expect(search).toBeFocused();
    await page.keyboard.type('eys ');
    await expect(row(root, first.id)).toBeVisible();
    // JupyterLab gives its launcher the focus once, whenever that has been loaded.
    await expect(async () => {
      await search.press('ArrowDown');
      await expect(list).toBeFocused({ timeout: 3000 });
    }).toPass();
    await page.keyboard.press('End');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    const cursor = list.locator('[data-cursor]');
    const id = await cursor.getAttribute('data-mlflow-experiment-id');
    await page.keyboard.press('Enter');
    await expect(cursor).toHaveAttribute('aria-selected', 'true');
    expect([first.id, second.id]).toContain(id);
  });

  test('should edit description and tags', async ({ panel, mlflow }) => {
    const experiment = await mlflow.createExperiment('described');
    const root = await panel.open();
    await row(root, experiment.id).click();
    await root
      .getByRole('button', { name: 'Details of the Selected Experiment' })
      .click();
    const details = root.getByRole('region', {
      name: 'Details of the experiment'
    });

    await details.getByRole('button', { name: 'Edit Description' }).click();
    await details
      .getByRole('textbox', { name: 'Description' })
      .fill('A **bold** <script>document.title = "x"</script> plan');
    await details.getByRole('button', { name: 'Save' }).click();
    await expect(details.locator('strong')).toHaveText('bold');
    await expect(details.locator('script')).toHaveCount(0);

    await details.getByRole('button', { name: 'Add tag' }).click();
    await details
      .getByRole('textbox', { name: 'Name of the tag' })
      .fill('team');
    await details
      .getByRole('textbox', { name: 'Value of the tag' })
      .fill('red');
    await details.getByRole('button', { name: 'Save' }).click();
    await expect(
      details.getByRole('button', { name: 'Edit the tag “team”' })
    ).toHaveCount(1);
    const { experiment: read } = (await mlflow.get('experiments/get', {
      experiment_id: experiment.id
    })) as {
      experiment: { tags: Array<{ key: string; value: string }> };
    };
    expect(read.tags).toContainEqual({ key: 'team', value: 'red' });
  });

  test('should show what somebody else did, and that the selected one is gone', async ({
    panel,
    mlflow
  }) => {
    const experiment = await mlflow.createExperiment('fleeting');
    const root = await panel.open();
    await row(root, experiment.id).click();
    const other = await mlflow.createExperiment('by somebody else');
    await expect(row(root, other.id)).toBeVisible();
    await mlflow.post('experiments/delete', { experiment_id: experiment.id });
    await expect(
      root.getByRole('alert').filter({ hasText: 'was deleted' })
    ).toContainText(experiment.name);
    await expect(row(root, experiment.id)).toHaveCount(0);
  });
});
