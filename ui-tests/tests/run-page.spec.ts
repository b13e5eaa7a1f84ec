import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures';
import type { MlflowServer } from './mlflow';

/** Opens a run by its command, on the server of that name. */
async function openRun(
  page: Page,
  server: MlflowServer,
  runId: string
): Promise<Locator> {
  await page.evaluate(
    async ([uri, id]) => {
      type App = {
        commands: { execute(id: string, args: object): Promise<unknown> };
      };
      const app = (window as unknown as { jupyterapp: App }).jupyterapp;
      const base =
        document.getElementById('jupyter-config-data')?.textContent ?? '{}';
      const { baseUrl } = JSON.parse(base) as { baseUrl: string };
      const { servers } = (await (
        await fetch(`${baseUrl}jupyter-mlflow/servers`)
      ).json()) as {
        servers: Array<{ id: string; uri: string }>;
      };
      const serverId = servers.find(
        one => one.uri.replace(/\/$/, '') === uri
      )?.id;
      await app.commands.execute('mlflow:open-run', { serverId, runId: id });
    },
    [server.url, runId] as const
  );
  return page.locator(`.jp-mlflow-Run[data-mlflow-run-id="${runId}"]`);
}

for (const which of ['newest', 'oldest'] as const) {
  test.describe(`The page of a run on the ${which} server`, () => {
    test('should show what a run logged', async ({
      page,
      panel,
      mlflow,
      oldest
    }) => {
      const server = which === 'newest' ? mlflow : oldest;
      const experiment = await server.createExperiment('page');
      const runId = await server.createRun(experiment.id, {
        name: 'shown <b>run</b>',
        params: { lr: 0.1, optimizer: 'adamw' },
        metrics: { loss: [3, 2, 1.5] },
        tags: {
          team: 'red',
          'mlflow.note.content': 'a *note*',
          'mlflow.user': 'ana'
        }
      });
      const child = await server.createRun(experiment.id, {
        name: 'the child',
        parent: runId
      });
      await panel.open();
      const run = await openRun(page, server, runId);

      await expect(
        run.getByRole('heading', { name: 'shown <b>run</b>' })
      ).toBeVisible();
      const metrics = run.getByRole('table', { name: 'Metrics' });
      await expect(
        metrics.getByRole('row', { name: /^loss 1\.5 2/ })
      ).toBeVisible();
      await expect(
        run
          .getByRole('table', { name: 'Parameters' })
          .getByRole('row', { name: /^optimizer adamw/ })
      ).toBeVisible();
      await expect(run.locator('em')).toHaveText('note');
      await expect(run.getByText('ana', { exact: true })).toBeVisible();

      await run.getByRole('button', { name: 'the child' }).click();
      const childPage = page.locator(
        `.jp-mlflow-Run[data-mlflow-run-id="${child}"]`
      );
      await childPage.getByRole('button', { name: 'shown <b>run</b>' }).click();
      await expect(
        run.getByRole('heading', { name: 'shown <b>run</b>' })
      ).toBeVisible();
    });

    test('should edit what people say about a run', async ({
      page,
      panel,
      mlflow,
      oldest
    }) => {
      const server = which === 'newest' ? mlflow : oldest;
      const experiment = await server.createExperiment('page');
      const runId = await server.createRun(experiment.id, {
        tags: { old: 'value' }
      });
      await panel.open();
      const run = await openRun(page, server, runId);

      await run.getByRole('button', { name: 'Edit Description' }).click();
      await run.getByRole('textbox', { name: 'Description' }).fill('# Plan');
      await page.keyboard.press('Control+Enter');
      await expect(run.getByRole('heading', { name: 'Plan' })).toBeVisible();

      await run.getByText('old', { exact: true }).hover();
      await run.getByRole('button', { name: 'Delete the tag “old”' }).click();
      await page
        .getByRole('dialog')
        .getByRole('button', { name: 'Delete' })
        .click();
      await expect(run.getByText('old', { exact: true })).toHaveCount(0);

      await run.getByRole('button', { name: 'Rename…' }).click();
      await page.getByRole('dialog').getByRole('textbox').fill('another name');
      await page
        .getByRole('dialog')
        .getByRole('button', { name: 'Rename' })
        .click();
      await expect(
        run.getByRole('heading', { name: 'another name' })
      ).toBeVisible();

      await run.getByRole('button', { name: 'Delete…' }).click();
      await page
        .getByRole('dialog')
        .getByRole('button', { name: 'Delete' })
        .click();
      await expect(run.getByText('This run is deleted.')).toBeVisible();
      await run
        .getByRole('toolbar', { name: 'Run' })
        .getByRole('button', { name: 'Restore' })
        .click();
      await expect(run.getByText('This run is deleted.')).toHaveCount(0);
    });

    test('should download files, and never open them in Jupyter', async ({
      page,
      panel,
      mlflow,
      oldest
    }) => {
      const server = which === 'newest' ? mlflow : oldest;
      const experiment = await server.createExperiment('page');
      const runId = await server.createRun(experiment.id);
      const text = '<script>parent.document.title = "owned"</script>';
      await server.logText(experiment.id, runId, 'folder/page.html', text);
      await panel.open();
      const run = await openRun(page, server, runId);

      await run.getByRole('treeitem', { name: 'folder' }).click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        run.getByRole('link', { name: 'Download page.html' }).click()
      ]);
      expect(download.suggestedFilename()).toBe('page.html');
      expect(await readFile(await download.path(), 'utf8')).toBe(text);
      expect(await page.title()).not.toBe('owned');
      const href = await run
        .getByRole('link', { name: 'Download page.html' })
        .getAttribute('href');
      const answer = await page.request.get(href ?? '');
      expect(answer.headers()['content-disposition']).toContain('attachment');
    });
  });
}

test.describe('The page of a run', () => {
  test('should follow a run that still runs, until it ends', async ({
    page,
    panel,
    mlflow
  }) => {
    const experiment = await mlflow.createExperiment('live');
    const runId = await mlflow.createRun(experiment.id, {
      name: 'live one',
      metrics: { loss: 1 },
      status: null
    });
    await panel.open();
    const run = await openRun(page, mlflow, runId);
    const loss = run
      .getByRole('table', { name: 'Metrics' })
      .getByRole('row', { name: /^loss/ });
    await expect(loss).toContainText('1');
    await mlflow.logMetric(runId, 'loss', 0.25, 7);
    await expect(loss).toContainText('0.25');
    await mlflow.post('runs/update', {
      run_id: runId,
      status: 'FAILED',
      end_time: Date.now()
    });
    await expect(
      run.getByRole('img', { name: 'Failed' }).first()
    ).toBeVisible();
  });

  test('should find and copy among hundreds of values', async ({
    page,
    panel,
    mlflow,
    context
  }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const experiment = await mlflow.createExperiment('wide');
    const some = (prefix: string, count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [
          `${prefix}${String(i).padStart(3, '0')}`,
          i
        ])
      );
    const runId = await mlflow.createRun(experiment.id, {
      params: some('p', 90),
      metrics: some('m', 300)
    });
    await panel.open();
    const run = await openRun(page, mlflow, runId);
    const table = run.getByRole('table', { name: 'Metrics' });
    await expect(table).toHaveAttribute('aria-rowcount', '301');
    await expect.poll(() => table.getByRole('row').count()).toBeLessThan(60);
    await run.getByRole('searchbox', { name: 'Search metrics' }).fill('m29');
    await expect(table).toHaveAttribute('aria-rowcount', '11');
    await table.getByRole('button', { name: 'Last value' }).click();
    await table.getByRole('button', { name: 'Last value' }).click();
    await expect(table.getByRole('rowheader').first()).toHaveText('m299');

    await run.getByRole('button', { name: 'Copy All Metrics…' }).click();
    await page.getByRole('menuitem', { name: 'Copy as JSON' }).click();
    await expect
      .poll(
        async () =>
          JSON.parse(
            (await page.evaluate(() => navigator.clipboard.readText())) || '{}'
          ) as object
      )
      .toEqual(
        Object.fromEntries(
          Array.from({ length: 10 }, (_, i) => [`m29${i}`, 290 + i])
        )
      );
  });

  test('should say so when there is no such run', async ({
    page,
    panel,
    mlflow
  }) => {
    await panel.open();
    const run = await openRun(page, mlflow, 'f'.repeat(32));
    await expect(
      run.getByText('There is no such run on this server')
    ).toBeVisible();
    await run.getByRole('button', { name: 'Close', exact: true }).click();
    await expect(run).toHaveCount(0);
  });
});
