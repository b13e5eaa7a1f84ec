import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { expect, test } from './fixtures';
import {
  openNotebook,
  putNotebook,
  runCell,
  section,
  untilIdle
} from './notebooks';
import { badge, keep, mark, openRecording } from './recorded';

const NAME = 'recorded.ipynb';

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
  // Until then ipykernel does not run what is asked for after an error.
  await untilIdle(page);
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
  await root
    .locator('.jp-AccordionPanel-title', {
      hasText: 'History of this notebook'
    })
    .click();
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
  // It would hide the run.
  await expect(pane).toHaveCount(0);
  const run = page.locator('.jp-mlflow-Run');
  await expect(
    run.getByRole('region', { name: 'Code that made it' })
  ).toContainText('mlflow.log_param("depth", depth)');
  await run.getByRole('button', { name: 'Would it run again?' }).click();
  const replay = page.getByRole('dialog').filter({ hasText: 'Run Again' });
  const steps = replay.getByRole('list', { name: 'What ran, in its order' });
  await expect(steps.getByRole('listitem')).toHaveCount(2);
  await expect(steps.getByRole('listitem').first()).toContainText('depth = 3');
  await replay
    .getByRole('button', { name: 'Save as a notebook that runs' })
    .click();
  // The notebook opens instead of it.
  await expect(replay).toHaveCount(0);
  const beside = path.replace('.ipynb', ' (as it ran).ipynb');
  const saved = await page.request.get(
    `api/contents/${encodeURIComponent(beside)}`
  );
  const { cells } = ((await saved.json()) as { content: { cells: unknown } })
    .content as { cells: { source: string | string[] }[] };
  expect(cells.slice(1).map(({ source }) => [source].flat().join(''))).toEqual([
    'depth = 3',
    expect.stringContaining('log_param("depth", depth)')
  ]);

  // Sent, from now on: one run below that of the kernel's session, in an experiment of its own.
  if (app === 'lab') {
    await openNotebook(page, app, path);
  }
  const settings = await openRecording(page);
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

  // The runs of the notebook are those that its code started, until one asks for the others, too.
  if (app === 'notebook-7') {
    // There the run's page is within the panel.
    await page
      .locator('[data-mlflow-panel]')
      .getByRole('button', { name: 'Back' })
      .click();
  }
  const runs = section(await panel.show());
  const tree = runs.getByRole('tree');
  await expect(tree).toContainText('of recorded code');
  await expect(runs).toContainText('recorded cells hidden', {
    timeout: 30_000
  });
  await expect(tree).not.toContainText(`${NAME} · `);
  await runs.getByRole('button', { name: 'Show recorded cells' }).click();
  await expect(tree).toContainText(`${NAME} · `);

  // Not kept, but sent: the line of it says where it is.
  const what = await openRecording(page);
  await what
    .getByRole('group', { name: 'Keep code and outputs on this machine' })
    .getByLabel('No')
    .check();
  // It says that it is sent also before.
  const applied = page.waitForResponse(
    answer =>
      answer.request().method() === 'PUT' &&
      answer.url().includes('/jupyter-mlflow/recording')
  );
  await what.getByRole('button', { name: 'Apply' }).click();
  await applied;
  await expect(what).toContainText('What runs is sent to MLflow');
  await page.keyboard.press('Escape');
  await runCell(page, 0, '# only sent\ndepth = 5');
  const name = 'Ran to its end; not kept here; on the server.';
  await expect(
    badge(page, 0).getByRole('button', { name, exact: false })
  ).toBeVisible({ timeout: 30_000 });
});
