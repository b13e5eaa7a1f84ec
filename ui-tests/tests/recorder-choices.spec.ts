import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { expect, test } from './fixtures';
import { expectNoFlaw, setTheme, THEMES } from './looks';
import { openNotebook, putNotebook, runCell } from './notebooks';
import {
  badge,
  closeRecording,
  forgetChoices,
  mark,
  openRecording
} from './recorded';

const NAME = 'choices.ipynb';

test.afterEach(async ({ page }) => {
  await forgetChoices(page);
});

test('should ask once at the first run, pause in the middle of a cell, and mask what the person calls secret', async ({
  page,
  panel,
  app,
  tmpPath,
  mlflow
}) => {
  const path = await putNotebook(page, `${tmpPath}/${NAME}`, ['run', 'long']);
  const experiment = await mlflow.createExperiment('asked');
  await forgetChoices(page);
  await panel.openApplication(NAME);
  await openNotebook(page, app, path);
  await expect(mark(page)).toHaveText('Not recorded');
  const program = [
    'import mlflow',
    `mlflow.set_tracking_uri("${mlflow.url}")`,
    `mlflow.set_experiment("${experiment.name}")`,
    'with mlflow.start_run(): pass'
  ].join('\n');
  await runCell(page, 0, program);
  const offer = page.getByText(
    'Keep the code and outputs of your cells on this machine for 30 days? Nothing is sent.'
  );
  await offer.waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Keep them' }).click();
  await expect(mark(page)).toHaveText('Recording');
  await runCell(page, 0, 'with mlflow.start_run(): pass');
  await expect(badge(page, 0)).toHaveAttribute('data-outcome', 'ok');
  await expect(offer).toHaveCount(0);

  // What a cell prints while it is paused is not kept, only how it ended.
  const printed = page
    .locator('.jp-NotebookPanel:visible .jp-Cell')
    .nth(1)
    .locator('.jp-OutputArea-output');
  const long = [
    'import os, time',
    'print("while recording", flush=True)',
    'while not os.path.exists("gate"): time.sleep(0.01)',
    'print("while paused")'
  ].join('\n');
  await runCell(page, 1, long);
  await expect(printed).toContainText('while recording');
  await expect(badge(page, 1)).toHaveAttribute('data-outcome', 'running');
  const settings = await openRecording(page);
  await settings.getByRole('button', { name: 'Pause' }).click();
  await expect(mark(page)).toHaveText('Recording paused');
  await page.contents.uploadContent('', 'text', `${tmpPath}/gate`);
  await expect(printed).toContainText('while paused');
  await settings.getByRole('button', { name: 'Resume' }).click();
  await expect(mark(page)).toHaveText('Recording');

  // For all notebooks: the words that are secret, and the rule that the offer made.
  await settings
    .getByRole('button', { name: 'All rules and secret words…' })
    .click();
  const all = page.getByRole('dialog').filter({ hasText: 'Secret Words' });
  await all
    .getByLabel('Masked in everything that is sent')
    .fill('Project Falcon');
  await all.getByRole('button', { name: 'Add' }).click();
  await expect(all.getByRole('list', { name: 'Secret words' })).toContainText(
    'Project Falcon'
  );
  await expect(all.getByRole('list', { name: 'Rules' })).toContainText(
    'All my notebooksKept on this machine; nothing is sent.'
  );
  await expectNoFlawInAny(page, '.jp-Dialog');
  await page.keyboard.press('Escape');
  await expect(all).toHaveCount(0);

  await expect(badge(page, 1)).toHaveAttribute('data-outcome', 'ok');
  await badge(page, 1).getByRole('button').click();
  const pane = page.getByRole('dialog', { name: 'Executions of this cell' });
  const then = pane.getByRole('group', { name: 'Output then' });
  await expect(then).toContainText('while recording');
  await expect(then).not.toContainText('while paused');
  await page.keyboard.press('Escape');

  await runCell(page, 0, '# Project Falcon begins');
  await expect
    .poll(async () => {
      const query = new URLSearchParams({ path, limit: '1' }).toString();
      const answer = await page.request.get(
        `jupyter-mlflow/executions?${query}`
      );
      const { executions } = (await answer.json()) as {
        executions: { source: string; status: string }[];
      };
      return executions.map(({ source, status }) => [source, status]);
    })
    .toEqual([['# Project Falcon begins', 'ok']]);
  await openRecording(page);
  await settings
    .getByRole('button', { name: 'Show what will be sent' })
    .click();
  const preview = page.getByLabel('What will be sent');
  await expect(preview).toContainText('••• begins');
  await expect(preview).not.toContainText('Falcon');
  await page.keyboard.press('Escape');
  await expect(preview).toHaveCount(0);

  await openRecording(page);
  await settings
    .getByRole('button', { name: 'All rules and secret words…' })
    .click();
  await all
    .getByRole('button', { name: 'Remove the word: Project Falcon' })
    .click();
  await expect(
    all.getByRole('list', { name: 'Secret words' }).getByRole('listitem')
  ).toHaveCount(0);
  await all
    .getByRole('button', { name: 'Remove the rule: All my notebooks' })
    .click();
  await expect(all.getByText('Remove the rule: All my notebooks')).toHaveCount(
    0
  );
  await page.keyboard.press('Escape');
  await expect(mark(page)).toHaveText('Not recorded');

  // Somebody else, or another window, deletes everything: this page follows.
  await expect(badge(page, 1)).toHaveCount(1);
  const gone = await page.request.delete('jupyter-mlflow/executions?all=1');
  expect(gone.status()).toBe(200);
  await expect(badge(page, 1)).toHaveCount(0);
});

test('should follow what a notebook proposes only once the person has agreed', async ({
  page,
  panel,
  app,
  tmpPath
}) => {
  const path = await putNotebook(page, `${tmpPath}/${NAME}`, ['first']);
  await panel.openApplication(NAME);
  await openNotebook(page, app, path);
  await expect(mark(page)).toHaveText('Not recorded');
  const settings = await openRecording(page);
  await settings.getByLabel('Yes, for 30 days').check();
  await settings.getByRole('button', { name: 'Apply' }).click();
  await expect(mark(page)).toHaveText('Recording');
  await settings
    .getByRole('button', { name: 'Propose to others who open this notebook' })
    .click();
  await expect(settings).toContainText('The proposal stands in the notebook');
  const metadata = await page.evaluate(() => {
    const { content } = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    return content.model?.getMetadata('jupyter-mlflow') as unknown;
  });
  expect(metadata).toEqual({ recording: { keep: true, send: 'nothing' } });
  await closeRecording(page);

  // A colleague has no rule of an own for it.
  const forget = { path, scope: 'notebook', forget: true };
  const answer = await page.request.put('jupyter-mlflow/recording', {
    data: forget
  });
  expect(answer.status()).toBe(200);
  await expect(mark(page)).toHaveText('Recording is proposed');
  await openRecording(page);
  await expect(settings).toContainText(
    'This notebook proposes: keep on this machine: yes; send to MLflow: Nothing.'
  );
  await expect(settings).toContainText('Nothing of this notebook is recorded.');
  await settings.getByRole('button', { name: 'Do so' }).click();
  await expect(mark(page)).toHaveText('Recording');
});

test('should say once why cells were refused, send them elsewhere, and have no flaw that axe finds', async ({
  page,
  panel,
  app,
  tmpPath,
  mlflow
}) => {
  const path = await putNotebook(page, `${tmpPath}/${NAME}`, ['a', 'b', 'c']);
  const gone = await mlflow.createExperiment('gone (cells)');
  await mlflow.post('experiments/delete', { experiment_id: gone.id });
  await panel.openApplication(NAME);
  await openNotebook(page, app, path);
  const settings = await openRecording(page);
  await settings.getByLabel('Yes, for 30 days').check();
  await settings.getByLabel('Every cell').check();
  await settings.getByLabel('Experiment').fill(gone.name);
  await settings.getByRole('button', { name: 'Apply' }).click();
  await expect(mark(page)).toHaveText('Recording → MLflow');
  await closeRecording(page);
  for (const at of [0, 1, 2]) {
    await runCell(page, at, `# cell ${at} of three\nprint(${at})`);
    await expect(badge(page, at)).toHaveAttribute('data-state', 'refused', {
      timeout: 30_000
    });
  }

  // The trouble is told in one place, however many cells it is about: none of them has words of its own.
  await expect(mark(page)).toHaveText('Recording: 3 cells refused');
  const told = page.getByText(`The experiment “${gone.name}” has been deleted`);
  await expect(told).toHaveCount(0);
  await expect(page.getByRole('alert')).toHaveCount(0);
  await openRecording(page);
  const troubles = settings.getByRole('list', { name: 'Refused by MLflow' });
  await expect(troubles.getByRole('listitem')).toHaveCount(1);
  await expect(troubles).toContainText('3 cells:');
  await expect(told).toHaveCount(1);
  await troubles
    .getByRole('button', { name: 'Send to another experiment…' })
    .click();
  const form = settings.getByRole('form', { name: 'Send to another' });
  await expect(form.getByLabel('Experiment')).toHaveValue(`${gone.name} 2`);
  await expectNoFlawInAny(page, '.jp-mlflow-Recorder-popover');
  await form.getByRole('button', { name: 'Send there' }).click();
  await expect(mark(page)).toHaveText('Recording → MLflow', {
    timeout: 30_000
  });
  await expect(settings).toContainText(`the experiment “${gone.name} 2”`);
  await closeRecording(page);
  await runCell(page, 0, '# what runs from now on goes there, too');
  await expect
    .poll(
      async () =>
        (await mlflow.runNames(`${gone.name} 2`))
          .filter(name => !name.startsWith(`${NAME} · `))
          .sort(),
      { timeout: 30_000 }
    )
    .toEqual([
      'cell 0 of three',
      'cell 1 of three',
      'cell 2 of three',
      'what runs from now on goes there, too'
    ]);
  await badge(page, 1).getByRole('button').click();
  await expect(page.getByRole('group', { name: 'Output then' })).toContainText(
    '1'
  );
  await expectNoFlawInAny(page, '.jp-mlflow-Recorder-popover');
  await expectNoFlawInAny(page, '[data-mlflow-execution]');
});

/** In each theme; light in the end. */
async function expectNoFlawInAny(
  page: IJupyterLabPageFixture,
  part: string
): Promise<void> {
  for (const theme of [...THEMES].reverse()) {
    await setTheme(page, theme);
    await expectNoFlaw(page, part);
  }
}
