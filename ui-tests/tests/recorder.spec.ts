import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Locator } from '@playwright/test';
import { expect, test } from './fixtures';
import { openNotebook, putNotebook, runCell } from './notebooks';

const NAME = 'recorded.ipynb';

function mark(page: IJupyterLabPageFixture): Locator {
  return page.locator('.jp-NotebookPanel:visible [data-mlflow-recorder]');
}

/** The badge of a cell, by its place in the notebook. */
function badge(page: IJupyterLabPageFixture, index: number): Locator {
  return page
    .locator('.jp-NotebookPanel:visible .jp-Cell')
    .nth(index)
    .locator('[data-mlflow-execution]');
}

/** Has the code and outputs of the notebook's cells kept on this machine. */
async function keep(page: IJupyterLabPageFixture): Promise<void> {
  await expect(mark(page)).toHaveText('Not recorded');
  await mark(page).getByRole('button').click();
  const settings = page.getByRole('dialog', {
    name: 'Recording of this notebook'
  });
  await settings.getByLabel('Yes, for 30 days').check();
  await settings.getByRole('button', { name: 'Apply' }).click();
  await expect(mark(page)).toHaveAttribute('data-state', 'on');
  await page.keyboard.press('Escape');
  await expect(settings).toHaveCount(0);
}

async function sources(page: IJupyterLabPageFixture): Promise<string[]> {
  return page.evaluate(() => {
    const { content } = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    return content.widgets.map(({ model }) => model.sharedModel.getSource());
  });
}

async function deleteCell(
  page: IJupyterLabPageFixture,
  index: number
): Promise<void> {
  await page.evaluate(async at => {
    const { content } = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    content.activeCellIndex = at;
    content.mode = 'command';
    await window.jupyterapp.commands.execute('notebook:delete-cell');
  }, index);
}

test('should keep what ran once it is switched on, tell it from what stands there now, and forget it when asked to', async ({
  page,
  panel,
  app,
  tmpPath
}) => {
  const path = await putNotebook(page, `${tmpPath}/${NAME}`, [
    'first',
    'second',
    'third'
  ]);
  await panel.openApplication(NAME);
  await openNotebook(page, app, path);
  await runCell(page, 0, 'print("before it was switched on")');
  await expect(
    page.locator('.jp-NotebookPanel:visible .jp-OutputArea-output').first()
  ).toContainText('before');
  await keep(page);
  await expect(badge(page, 0)).toHaveCount(0);

  await runCell(page, 0, 'print("<img src=x onerror=document.title=1> then")');
  await expect(badge(page, 0)).toHaveAttribute('data-outcome', 'ok');
  await expect(badge(page, 0)).toHaveAttribute('data-state', 'kept');
  await runCell(page, 1, 'raise ValueError("of the second cell")');
  await expect(badge(page, 1)).toHaveAttribute('data-outcome', 'error');
  await runCell(page, 2, 'print("of the third cell")');
  await expect(badge(page, 2)).toHaveAttribute('data-outcome', 'ok');

  // Edited, not run again: what ran is told from what stands there.
  await page.evaluate(() => {
    const { content } = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    content.widgets[0].model.sharedModel.setSource('print("now")');
  });
  await badge(page, 0).getByRole('button').click();
  const pane = page.getByRole('dialog', { name: 'Executions of this cell' });
  await expect(pane.getByRole('group', { name: 'Output then' })).toContainText(
    '<img src=x onerror=document.title=1> then'
  );
  await pane.getByRole('button', { name: 'Compare with the code now' }).click();
  const difference = pane.getByLabel('What has changed since');
  await expect(difference.locator('del')).toContainText('onerror');
  await expect(difference.locator('ins')).toContainText('print("now")');
  await pane.getByRole('button', { name: 'Insert this code below' }).click();
  await expect
    .poll(async () => (await sources(page)).slice(0, 2))
    .toEqual([
      'print("now")',
      'print("<img src=x onerror=document.title=1> then")'
    ]);
  await page.keyboard.press('Escape');
  await expect(pane).toHaveCount(0);
  await page.evaluate(() =>
    window.jupyterapp.commands.execute('notebook:undo-cell-action')
  );
  await expect.poll(() => sources(page)).toHaveLength(3);

  // The history has cells that are gone, too.
  await deleteCell(page, 2);
  const root = await panel.show();
  const history = root.getByRole('region', {
    name: 'History of this notebook Section'
  });
  const ran = history.getByRole('list', { name: `What ran in ${NAME}` });
  await expect(ran.getByRole('listitem')).toHaveCount(3);
  await expect(ran.getByRole('listitem').first()).toContainText('third cell');
  await ran.getByRole('listitem').first().getByRole('button').click();
  await expect(
    ran.getByText('The cell is not in the notebook any more.')
  ).toBeVisible();
  await history.getByLabel('Search in the code that ran').fill('SECOND');
  await expect(ran.getByRole('listitem')).toHaveCount(1);
  await history.getByLabel('How it ended').selectOption('ok');
  await expect(history.getByText('No execution matches')).toBeVisible();
  await history.getByLabel('Search in the code that ran').fill('');
  await expect(ran.getByRole('listitem')).toHaveCount(2);

  await mark(page).getByRole('button').click();
  await page.getByRole('button', { name: 'Delete history…' }).click();
  await page
    .locator('.jp-Dialog')
    .getByRole('button', { name: 'Delete', exact: true })
    .click();
  await expect(badge(page, 0)).toHaveCount(0);
  await history.getByLabel('How it ended').selectOption('');
  await expect(
    history.getByText('Nothing of this notebook is kept')
  ).toBeVisible();
});

test('should show the code that made a run on its page, and whether it would run again', async ({
  page,
  panel,
  app,
  tmpPath,
  mlflow
}) => {
  const path = await putNotebook(page, `${tmpPath}/${NAME}`, ['first', 'run']);
  const experiment = await mlflow.createExperiment('recorded');
  await panel.openApplication(NAME);
  await openNotebook(page, app, path);
  await keep(page);
  await runCell(page, 0, 'depth = 3');
  await expect(badge(page, 0)).toHaveAttribute('data-outcome', 'ok');
  await runCell(
    page,
    1,
    [
      'import mlflow',
      `mlflow.set_tracking_uri("${mlflow.url}")`,
      `mlflow.set_experiment("${experiment.name}")`,
      'with mlflow.start_run(run_name="of recorded code"):',
      '    mlflow.log_param("depth", depth)',
      '    mlflow.log_metric("accuracy", 0.75)'
    ].join('\n')
  );
  await expect(badge(page, 1)).toHaveAttribute('data-outcome', 'ok', {
    timeout: 40_000
  });
  await badge(page, 1).getByRole('button').click();
  const pane = page.getByRole('dialog', { name: 'Executions of this cell' });
  await expect(
    pane.getByRole('list', { name: 'Runs that it started' })
  ).toContainText('accuracy 0.75');
  await pane.getByRole('button', { name: 'of recorded code' }).click();
  const run = page.locator('.jp-mlflow-Run');
  await expect(
    run.getByRole('region', { name: 'Code that made it' })
  ).toContainText('mlflow.log_param("depth", depth)');
  await run.getByRole('button', { name: 'Would it run again?' }).click();
  const replay = page.getByRole('dialog').filter({ hasText: 'Run Again' });
  const steps = replay.getByRole('list', { name: 'What ran, in its order' });
  await expect(steps.getByRole('listitem')).toHaveCount(2);
  await expect(steps.getByRole('listitem').first()).toContainText('depth = 3');
  await page.keyboard.press('Escape');
  await expect(replay).toHaveCount(0);

  // Sent, from now on: one run below that of the kernel's session, in an experiment of its own.
  if (app === 'lab') {
    await openNotebook(page, app, path);
  }
  await mark(page).getByRole('button').click();
  const settings = page.getByRole('dialog', {
    name: 'Recording of this notebook'
  });
  await settings.getByLabel('Every cell').check();
  await settings.getByLabel('Experiment').fill(`${experiment.name} (cells)`);
  await settings.getByRole('button', { name: 'Apply' }).click();
  await expect(mark(page)).toHaveText('Recording → MLflow');
  await page.keyboard.press('Escape');
  await runCell(page, 0, '# the depth\ndepth = 4');
  await expect(badge(page, 0)).toHaveAttribute('data-state', 'sent', {
    timeout: 30_000
  });
  const sent = await mlflow.runNames(`${experiment.name} (cells)`);
  expect(sent).toHaveLength(2);
  expect(sent).toContain('the depth');
  expect(sent).toContainEqual(expect.stringContaining(`${NAME} · `));
});
