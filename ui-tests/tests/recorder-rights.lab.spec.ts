import type { Locator } from '@playwright/test';
import { expect, test as base } from './fixtures';
import { openNotebook, putNotebook, runCell } from './notebooks';
import {
  badge,
  closeRecording,
  forgetChoices,
  mark,
  openRecording
} from './recorded';
import { MlflowWithLogin } from './rights';

const NAME = 'rights.ipynb';
const USER = 'ann';

const test = base.extend<object, { team: MlflowWithLogin }>({
  team: [
    async ({}, use) => {
      const team = MlflowWithLogin.start();
      await use(team);
      await team.server.dispose();
      await team.stop();
    },
    { scope: 'worker' }
  ]
});

test('should go on where the tracking server does not let the person write, say so once, and send again, elsewhere or not at all', async ({
  page,
  panel,
  app,
  tmpPath,
  team
}) => {
  const path = await putNotebook(page, `${tmpPath}/${NAME}`, ['a', 'b', 'c']);
  await panel.openApplication(NAME);
  await openNotebook(page, app, path);
  await expect(mark(page)).toHaveText('Not recorded');

  // Ann may read the experiment of the team, and write into those that are hers.
  await team.answers();
  const { server } = team;
  const password = await team.addUser(USER);
  const theirs = await server.createExperiment('team (cells)');
  const gone = await server.createExperiment('gone (cells)');
  await server.post('experiments/delete', { experiment_id: gone.id });
  const added = await page.request.post('jupyter-mlflow/servers', {
    data: {
      name: 'team',
      uri: server.url,
      auth: { username: USER, password }
    }
  });
  expect(added.status()).toBe(201);

  const root = await panel.show();
  const settings = await openRecording(page);
  await settings.getByLabel('Yes, for 30 days').check();
  await settings.getByLabel('Every cell').check();
  await settings.getByLabel('Tracking server').selectOption('team');
  await settings.getByLabel('Experiment').fill(theirs.name);
  await settings.getByRole('button', { name: 'Apply' }).click();
  await expect(mark(page)).toHaveText('Recording → MLflow');
  await closeRecording(page);
  const refused = async (at: number, comment: string): Promise<void> => {
    await runCell(page, at, `# ${comment}\nprint("printed by", ${at})`);
    await expect(badge(page, at)).toHaveAttribute('data-state', 'refused');
  };
  await refused(0, 'cell 0');
  await refused(1, 'cell 1');
  await expect(badge(page, 1)).toHaveAttribute('data-outcome', 'ok');

  // It is told once, where one looks: nothing jumps up.
  await expect(mark(page)).toHaveText('Recording: 2 cells refused');
  await expect(page.locator('.jp-Dialog, .Toastify__toast')).toHaveCount(0);
  await badge(page, 1)
    .getByRole('button', { name: 'Ran to its end; refused by MLflow.' })
    .click();
  const pane = page.getByRole('dialog', { name: 'Executions of this cell' });
  await expect(pane.getByRole('group', { name: 'Output then' })).toContainText(
    'printed by 1'
  );
  await expect(pane).toContainText('does not permit it to this login.');
  await expect(pane).toContainText('Ask for the right to write into');
  await page.keyboard.press('Escape');
  await root
    .locator('.jp-AccordionPanel-title', {
      hasText: 'History of this notebook'
    })
    .click();
  const history = root.getByRole('region', {
    name: 'History of this notebook Section'
  });
  const reasons = history
    .getByRole('list', { name: 'Refused by MLflow' })
    .getByRole('listitem');
  await expect(reasons).toHaveCount(1);
  await expect(reasons).toContainText(
    `2 cells: ${server.url} does not permit it to this login. Ask for the right to write into this experiment and send again, or send to another one.`
  );

  // Elsewhere, those alone.
  const mine = theirs.name.replace('team', 'mine');
  await sendElsewhere(reasons, mine);
  await expect(mark(page)).toHaveText('Recording → MLflow');
  await expect(reasons).toHaveCount(0);
  const names = async (experiment: string): Promise<string[]> =>
    (await server.runNames(experiment))
      .filter(name => !name.startsWith(`${NAME} · `))
      .sort();
  expect(await names(mine)).toEqual(['cell 0', 'cell 1']);

  // For two reasons, and not at all.
  await refused(2, 'cell 2');
  await sendElsewhere(reasons, gone.name);
  await expect(reasons).toContainText('has been deleted');
  await refused(0, 'cell 0 again');
  await expect(reasons).toHaveCount(2);
  await expect(history).toContainText('2 cells in all.');
  await history.getByRole('button', { name: 'Send none of them' }).click();
  await expect(reasons).toHaveCount(0);
  await expect(mark(page)).toHaveText('Recording → MLflow');
  for (const at of [0, 2]) {
    await expect(badge(page, at)).toHaveAttribute('data-state', 'kept');
  }

  // Again, once it is permitted.
  await refused(1, 'cell 1 again');
  await server.grant(USER, theirs.id, 'EDIT');
  await reasons.getByRole('button', { name: 'Send again' }).click();
  await expect(badge(page, 1)).toHaveAttribute('data-state', 'sent');
  await expect(mark(page)).toHaveText('Recording → MLflow');
  expect(await names(theirs.name)).toEqual(['cell 1 again']);
  await forgetChoices(page);
});

/** Cells of one reason, and not what the notebook runs from now on. */
async function sendElsewhere(
  reason: Locator,
  experiment: string
): Promise<void> {
  await reason
    .getByRole('button', { name: 'Send to another experiment…' })
    .click();
  const form = reason.getByRole('form', { name: 'Send to another' });
  await form.getByLabel('Experiment').fill(experiment);
  await form.getByLabel('Also what this notebook runs from now on').uncheck();
  await form.getByRole('button', { name: 'Send there' }).click();
}
