import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { expectNoFlaw, setTheme, THEMES } from './looks';
import { useServer } from './notebooks';

/** Opens an experiment's runs as a table, as its command does. */
async function openTable(page: Page, experimentId: string): Promise<Locator> {
  await page.evaluate(
    id =>
      (
        window as unknown as {
          jupyterapp: {
            commands: { execute(id: string, args: object): Promise<void> };
          };
        }
      ).jupyterapp.commands.execute('mlflow:open-run-table', {
        experimentId: id
      }),
    experimentId
  );
  const table = page.locator(
    `.jp-mlflow-RunTable[data-mlflow-experiment-id="${experimentId}"]`
  );
  await table.waitFor();
  return table;
}

const row = (table: Locator, runId: string): Locator =>
  table.locator(`[data-mlflow-run-id="${runId}"]`);

/** Ids of the rows in sight, from the top. */
const order = (table: Locator): Promise<string[]> =>
  table
    .locator('[data-mlflow-run-id]')
    .evaluateAll(rows =>
      rows.map(one => one.getAttribute('data-mlflow-run-id') ?? '')
    );

test.describe('The table of runs', () => {
  test('should sort by the server, missing values last, and remember how', async ({
    page,
    panel,
    mlflow
  }) => {
    const experiment = await mlflow.createExperiment('sorted');
    const [low, high, none] = [
      await mlflow.createRun(experiment.id, {
        name: 'low',
        metrics: { loss: 1 }
      }),
      await mlflow.createRun(experiment.id, {
        name: 'high',
        metrics: { loss: 3 }
      }),
      await mlflow.createRun(experiment.id, { name: 'none' })
    ];
    await panel.open();
    const table = await openTable(page, experiment.id);
    const head = table.getByRole('columnheader', { name: 'loss' });
    await expect.poll(() => order(table)).toEqual([none, high, low]);
    await head.getByRole('button').click();
    await expect(head).toHaveAttribute('aria-sort', 'descending');
    await expect.poll(() => order(table)).toEqual([high, low, none]);
    await head.getByRole('button').click();
    await expect(head).toHaveAttribute('aria-sort', 'ascending');
    await expect.poll(() => order(table)).toEqual([low, high, none]);

    const fresh = await mlflow.createRun(experiment.id, {
      metrics: { loss: 2 }
    });
    await expect.poll(() => order(table)).toEqual([low, fresh, high, none]);
    await expect(table.getByRole('grid')).toHaveAttribute('aria-rowcount', '5');
  });

  test('should mark an invalid filter before it is sent, complete it, and write conditions', async ({
    page,
    panel,
    mlflow
  }) => {
    const experiment = await mlflow.createExperiment('filter');
    const good = await mlflow.createRun(experiment.id, {
      name: 'good',
      metrics: { 'val/acc': 0.9 },
      params: { 'a name': "it's" }
    });
    const bad = await mlflow.createRun(experiment.id, {
      name: 'bad',
      metrics: { 'val/acc': 0.1 }
    });
    await panel.open();
    const table = await openTable(page, experiment.id);
    await expect(row(table, bad)).toBeVisible();
    const box = table.getByRole('combobox', { name: 'Filter runs' });
    await box.fill('metrics.val/acc > 0.5');
    await expect(box).toHaveAttribute('aria-invalid', 'true');
    await page.keyboard.press('Enter');
    await expect(row(table, bad)).toBeVisible();

    await box.fill('');
    await box.pressSequentially('metrics.');
    await expect(table.getByRole('option', { name: 'val/acc' })).toBeVisible();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(box).toHaveValue('metrics.`val/acc` ');
    await box.pressSequentially('> 0.5');
    await page.keyboard.press('Enter');
    await expect(row(table, bad)).toHaveCount(0);
    await expect(row(table, good)).toBeVisible();

    await table.getByRole('button', { name: '+ Condition' }).click();
    const form = table.getByRole('form', { name: 'New condition' });
    await form.getByLabel('Where').selectOption({ label: 'a name' });
    await form.getByLabel('Value').fill("it's");
    await form.getByRole('button', { name: 'Add' }).click();
    await expect(box).toHaveValue(
      'metrics.`val/acc` > 0.5 AND params.`a name` = "it\'s"'
    );
    await expect(row(table, good)).toBeVisible();
    await form.getByLabel('Value').fill('\'"');
    await form.getByRole('button', { name: 'Add' }).click();
    await expect(form.getByRole('alert')).toContainText('no way to write');
  });

  test('should delete, restore and tag many at once', async ({
    page,
    panel,
    mlflow
  }) => {
    const experiment = await mlflow.createExperiment('bulk');
    const ids: string[] = [];
    for (let number = 0; number < 5; number++) {
      ids.unshift(
        await mlflow.createRun(experiment.id, { name: `run ${number}` })
      );
    }
    await panel.open();
    const table = await openTable(page, experiment.id);
    await row(table, ids[0]).getByRole('checkbox').click();
    await row(table, ids[2])
      .getByRole('checkbox')
      .click({ modifiers: ['Shift'] });
    const bar = table.getByRole('toolbar', { name: 'Selected runs' });
    await expect(bar).toContainText('3 runs selected');
    await bar.getByRole('button', { name: 'Tag…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('mlflow.forbidden');
    await dialog.getByRole('button', { name: 'Set tag' }).click();
    await expect(dialog.getByRole('alert')).not.toBeEmpty();
    await dialog.getByLabel('Name').fill('team');
    await dialog.getByLabel('Value').fill('red');
    await dialog.getByRole('button', { name: 'Set tag' }).click();
    await table.getByRole('button', { name: 'Columns' }).click();
    await table.getByRole('checkbox', { name: 'team' }).check();
    await page.keyboard.press('Escape');
    await expect(row(table, ids[2])).toContainText('red');

    await bar.getByRole('button', { name: 'Delete…' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect.poll(() => order(table)).toEqual(ids.slice(3));
    await table.getByRole('button', { name: 'Deleted', exact: true }).click();
    await expect.poll(() => order(table)).toEqual(ids.slice(0, 3));
    await table
      .getByRole('checkbox', { name: 'Select all loaded runs' })
      .check();
    await bar.getByRole('button', { name: 'Restore' }).click();
    await expect(table.getByText('No deleted runs')).toBeVisible();
    await table.getByRole('button', { name: 'Active', exact: true }).click();
    await expect.poll(() => order(table)).toEqual(ids);
  });

  test('should draw only what is in sight of a wide experiment, and walk it by the keyboard', async ({
    page,
    panel,
    mlflow
  }) => {
    const experiment = await mlflow.createExperiment('wide');
    const keys = Array.from(
      { length: 90 },
      (_, at) => `k${String(at).padStart(3, '0')}`
    );
    const values = Object.fromEntries(keys.map((key, at) => [key, at]));
    for (let number = 0; number < 40; number++) {
      await mlflow.createRun(experiment.id, {
        name: `run ${number}`,
        metrics: values,
        params: values
      });
    }
    await panel.open();
    const table = await openTable(page, experiment.id);
    await expect(table.locator('[data-mlflow-run-id]').first()).toBeVisible();
    await table.getByRole('button', { name: 'Columns' }).click();
    const all = table.getByRole('button', { name: /^All \d+$/ });
    await all.first().waitFor();
    for (let left = await all.count(); left > 0; left--) {
      await all.first().click();
      await expect(all).toHaveCount(left - 1);
    }
    await page.keyboard.press('Escape');
    const grid = table.getByRole('grid');
    await expect
      .poll(async () => Number(await grid.getAttribute('aria-colcount')))
      .toBeGreaterThan(180);
    expect(
      await grid.evaluate(node => node.querySelectorAll('*').length)
    ).toBeLessThan(1500);

    await grid.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    await expect(grid).toHaveAttribute('aria-activedescendant', /:0-\d{3}$/);
    const active = table.locator('td[data-cursor]');
    await expect(active).toBeInViewport();
    await expect(async () => {
      await page.keyboard.press('Control+ArrowDown');
      await expect(table.getByText('40 runs')).toBeVisible({ timeout: 500 });
      await expect(table.locator('tr:has(td[data-cursor])')).toHaveAttribute(
        'aria-rowindex',
        '41',
        { timeout: 500 }
      );
    }).toPass();
    await page.keyboard.press('Enter');
    await expect(page.locator('.jp-mlflow-RunTable')).toBeHidden();
  });

  test('should hold still what somebody reads while runs arrive', async ({
    page,
    panel,
    mlflow
  }) => {
    const experiment = await mlflow.createExperiment('still');
    for (let number = 0; number < 60; number++) {
      await mlflow.createRun(experiment.id, { name: `run ${number}` });
    }
    await panel.open();
    const table = await openTable(page, experiment.id);
    await expect(table.getByText('60 runs')).toBeVisible();
    const scroller = table.locator('.jp-mlflow-RunTable-scroller');
    await scroller.evaluate(node => node.scrollTo({ top: 28 * 20 }));
    const read = table.getByText('run 35', { exact: true });
    await expect(read).toBeVisible();
    const before = await read.boundingBox();
    await mlflow.createRun(experiment.id, { name: 'newcomer' });
    await expect(table.getByText('61 runs')).toBeVisible();
    await expect
      .poll(async () => Math.round((await read.boundingBox())?.y ?? 0))
      .toBe(Math.round(before?.y ?? -1));
  });

  for (const version of ['newest', 'oldest'] as const) {
    test(`should hide recorded cells, and say so (${version} MLflow)`, async ({
      page,
      panel,
      mlflow,
      oldest
    }) => {
      const server = version === 'newest' ? mlflow : oldest;
      const experiment = await server.createExperiment('with cells');
      const own: string[] = [];
      for (const name of ['one', 'two']) {
        own.unshift(await server.createRun(experiment.id, { name }));
        await server.createRun(experiment.id, {
          name: `cell ${name}`,
          tags: { 'jupyter.recorded': 'cell' }
        });
      }
      await useServer(await panel.open(), server);
      const table = await openTable(page, experiment.id);
      await expect(table.getByText('2 recorded cells')).toBeVisible();
      await table.getByRole('button', { name: 'Hide recorded cells' }).click();
      await expect.poll(() => order(table)).toEqual(own);
      await expect(table.getByRole('grid')).toHaveAttribute(
        'aria-rowcount',
        '3'
      );
      // An old server cannot leave them out: they were loaded, and are counted.
      await expect(
        table.getByText(version === 'newest' ? '2 runs' : '4 runs')
      ).toBeVisible();
      await expect(
        table.getByText(
          version === 'newest'
            ? 'Recorded cells are hidden'
            : '2 recorded cells hidden'
        )
      ).toBeVisible();
      // What is hidden is not acted on.
      await table.getByLabel('Select all loaded runs').click();
      await expect(table.getByText('2 runs selected')).toBeVisible();
      await table.getByRole('button', { name: 'Show recorded cells' }).click();
      await expect(row(table, own[0])).toBeVisible();
      await expect.poll(async () => (await order(table)).length).toBe(4);
    });
  }

  for (const theme of THEMES) {
    test(`should have no flaw that axe finds, nor the list (${theme})`, async ({
      page,
      panel,
      mlflow
    }) => {
      const experiment = await mlflow.createExperiment('axe');
      const parent = await mlflow.createRun(experiment.id, {
        name: 'parent',
        metrics: { loss: 1 }
      });
      await mlflow.createRun(experiment.id, { name: 'child', parent });
      await mlflow.createRun(experiment.id, { status: 'FAILED' });
      const root = await panel.open();
      await setTheme(page, theme);
      await root
        .getByRole('searchbox', { name: 'Search experiments' })
        .fill(experiment.name);
      await root
        .locator(`[data-mlflow-experiment-id="${experiment.id}"]`)
        .click();
      await root
        .getByRole('tree')
        .locator('[data-mlflow-run-id]')
        .first()
        .click();
      const table = await openTable(page, experiment.id);
      await row(table, parent).getByRole('checkbox').click();
      await table.getByRole('button', { name: '+ Condition' }).click();
      await table.getByRole('button', { name: 'Columns' }).click();
      await table
        .getByRole('combobox', { name: 'Filter runs' })
        .fill('metric.loss >> 1');
      for (const part of ['#jp-mlflow-section-runs', '.jp-mlflow-RunTable']) {
        await expectNoFlaw(page, part);
      }
    });
  }
});
