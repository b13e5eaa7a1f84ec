import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Locator } from '@playwright/test';
import { workFolder } from '../servers';
import { cells, line, mark, popover } from './doctor';
import { expect, type Panel, test } from './fixtures';
import {
  addKernel,
  type AddedKernel,
  bareEnvironment,
  environmentsFolder,
  ipykernel,
  makeEnvironment,
  newestPython
} from './kernels';
import { openNotebook, putPrograms, runCell } from './notebooks';

const NAME = 'train.ipynb';
/** An import of MLflow on a busy machine takes its time. */
const IMPORT_MS = 120_000;

/** What a kernel's finding offers, in the popover of the mark. */
async function remedy(
  page: IJupyterLabPageFixture,
  finding: string,
  name: string | RegExp
): Promise<Locator> {
  const button = popover(page)
    .locator(`[data-mlflow-finding="${finding}"]`)
    .getByRole('button', { name });
  // It may be closing just now.
  await expect(async () => {
    if (!(await popover(page).isVisible())) {
      await mark(page).getByRole('button').click();
    }
    await expect(button).toBeVisible({ timeout: 5000 });
  }).toPass();
  return button;
}

/** The dialog in front; the popover is one, too. */
const dialog = (page: IJupyterLabPageFixture): Locator =>
  page.locator('.jp-Dialog');

const proof = (page: IJupyterLabPageFixture): Locator =>
  dialog(page).locator('[data-mlflow-proof]');

const close = (page: IJupyterLabPageFixture): Promise<void> =>
  dialog(page).getByRole('button', { name: 'Close' }).last().click();

async function open(
  page: IJupyterLabPageFixture,
  panel: Panel,
  path: string,
  programs: ReadonlyArray<string>,
  kernel?: AddedKernel
): Promise<void> {
  await putPrograms(page, path, programs, kernel?.metadata);
  await panel.openApplication(NAME);
  await openNotebook(page, 'lab', path);
}

/** What the server extension knows of the kernel of the open notebook. */
async function report(page: IJupyterLabPageFixture) {
  const id = await page.evaluate(() => {
    const { sessionContext } = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    return sessionContext.session?.kernel?.id;
  });
  const answer = await page.request.get(`jupyter-mlflow/kernels/${id}`);
  return (await answer.json()) as {
    facts: { pid: number } | null;
    logs_to: { label: string } | null;
  };
}

/** The names of kernels that Jupyter lists. */
async function kernels(page: IJupyterLabPageFixture): Promise<string[]> {
  const answer = await page.request.get('api/kernelspecs');
  const { kernelspecs } = (await answer.json()) as {
    kernelspecs: Record<string, unknown>;
  };
  return Object.keys(kernelspecs);
}

// A kernel, a job and an import of MLflow, on a machine of two cores.
test.beforeEach(() => {});

const added: AddedKernel[] = [];

function kernel(...given: Parameters<typeof addKernel>): AddedKernel {
  const made = addKernel(...given);
  added.push(made);
  return made;
}

test.afterEach(() => {
  for (const each of added.splice(0)) {
    each.remove();
  }
});

test.describe('Installing into the environment of the kernel', () => {
  test.use({ mockState: false });

  test('should be found again after a reload, and end with what the kernel says', async ({
    page,
    panel,
    tmpPath
  }) => {
    test.setTimeout(240_000);
    const folder = join(environmentsFolder(), 'remedied');
    const own = kernel('remedied', ipykernel(makeEnvironment(folder)));
    await open(
      page,
      panel,
      `${tmpPath}/${NAME}`,
      ['import tqdm', 'import mlflow; print(mlflow.__version__)'],
      own
    );
    await runCell(page, 0, 'import tqdm');
    await expect(line(page)).toContainText('“tqdm” is not in');
    await line(page).getByRole('button', { name: 'Install tqdm here' }).click();
    await expect(proof(page)).toHaveText(
      '“import tqdm” works in this kernel.',
      {
        timeout: 60_000
      }
    );
    await close(page);
    // Its cause is gone: the kernel said so, and the cell has not been run again.
    await expect(line(page)).toHaveCount(0);
    await expect(cells(page).first()).toContainText('ModuleNotFoundError');

    await (await remedy(page, 'wrong-kernel', /^Install MLflow/)).click();
    // JupyterLab saves what is to outlive a reload a moment later.
    const saved = page.waitForRequest(
      request =>
        request.method() === 'PUT' &&
        request.postData()?.includes('"kind":"install"') === true
    );
    const output = dialog(page).getByRole('region', {
      name: 'Output of the job'
    });
    await expect(output).toContainText('== Install');
    await (await saved).response();
    await page.reload();
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await expect(output).toContainText('== Install');
    await expect(output).toContainText('mlflow==', { timeout: 120_000 });
    await expect(proof(page)).toHaveText(
      /^MLflow \d+\.\d+\.\d+ works in this kernel\.$/,
      { timeout: IMPORT_MS }
    );
    await close(page);
    await expect(mark(page)).toHaveAttribute('data-state', 'healthy');
    await runCell(page, 1, 'import mlflow; print(mlflow.__version__)');
    await expect(cells(page).last()).toContainText(/\d+\.\d+\.\d+/, {
      timeout: IMPORT_MS
    });
  });
});

test('should let the kernel log to the panel’s server, and remember that', async ({
  page,
  panel,
  tmpPath,
  mlflow
}) => {
  const program = 'import mlflow; print(mlflow.get_tracking_uri())';
  await open(page, panel, `${tmpPath}/${NAME}`, [program]);
  await expect(mark(page)).toHaveAttribute('data-state', 'healthy');
  await (await remedy(page, 'logs-elsewhere', 'Log to newest')).click();
  await dialog(page)
    .getByRole('checkbox', { name: 'Do so whenever this notebook' })
    .check();
  await dialog(page).getByRole('button', { name: 'Log there' }).click();
  await expect(popover(page)).toContainText('This notebook logs to newest.');
  await page.keyboard.press('Escape');
  await runCell(page, 0, program);
  await expect(cells(page).first()).toContainText(mlflow.url, {
    timeout: IMPORT_MS
  });

  // The next kernel process, without a click.
  const former = await report(page);
  await page.evaluate(async () => {
    const { sessionContext } = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    await sessionContext.restartKernel();
  });
  await expect
    .poll(async () => {
      const { facts, logs_to } = await report(page);
      return facts?.pid === former.facts?.pid ? null : logs_to?.label;
    })
    .toBe('newest');
});

test('should rename a file that is taken for MLflow, and restart the kernel', async ({
  page,
  panel,
  tmpPath
}) => {
  await page.contents.uploadContent(
    'mine = True\n',
    'text',
    `${tmpPath}/mlflow.py`
  );
  const program = 'import mlflow; print(mlflow.log_param)';
  await open(page, panel, `${tmpPath}/${NAME}`, [program]);
  await runCell(page, 0, program);
  await expect(line(page)).toHaveAttribute(
    'data-mlflow-finding',
    'shadowed-by-file'
  );
  await line(page).getByRole('button', { name: 'Rename the file…' }).click();
  await dialog(page).getByRole('textbox').fill('my_mlflow.py');
  await dialog(page).getByRole('button', { name: 'Rename' }).click();
  await expect(mark(page)).toHaveAttribute('data-state', 'attention');
  await (await remedy(page, 'changed-after-import', /^Restart/)).click();
  await dialog(page)
    .getByRole('button', { name: 'Confirm Kernel Restart' })
    .click();
  await expect(mark(page)).toHaveAttribute('data-state', 'healthy');
  await page.keyboard.press('Escape');
  await expect
    .poll(() => page.contents.fileExists(`${tmpPath}/my_mlflow.py`))
    .toBe(true);
  await expect(line(page)).toHaveCount(0);
});

test('should show what to type for two shells, and switch to a kernel with MLflow', async ({
  page,
  panel,
  tmpPath
}) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const bare = kernel('bare', ipykernel(bareEnvironment()));
  await open(page, panel, `${tmpPath}/${NAME}`, ['import mlflow'], bare);
  await expect(mark(page)).toHaveAttribute('data-state', 'attention');
  await (await remedy(page, 'wrong-kernel', 'Show me the commands')).click();
  const typed = new RegExp(`pip install.*${bareEnvironment()}.* mlflow`);
  await dialog(page).getByRole('tab', { name: 'Linux and macOS' }).click();
  await expect(dialog(page)).toContainText(typed);
  await dialog(page).getByRole('button', { name: 'Copy the commands' }).click();
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toMatch(typed);
  await dialog(page)
    .getByRole('tab', { name: /Windows/ })
    .click();
  await expect(
    dialog(page).getByRole('tab', { selected: true })
  ).toHaveAccessibleName(/Windows/);
  await expect(dialog(page)).toContainText(typed);
  await close(page);

  await (await remedy(page, 'wrong-kernel', /^Switch to/)).click();
  const chosen = dialog(page).getByRole('radio', { checked: true });
  await expect(chosen).toHaveAccessibleName(/MLflow \d/);
  await dialog(page).getByRole('button', { name: 'Switch' }).click();
  await expect(
    page.getByText(/^MLflow \d+\.\d+\.\d+ works in this kernel\.$/)
  ).toBeVisible({ timeout: IMPORT_MS });
  await expect(mark(page)).toHaveAttribute('data-state', 'healthy');
});

test('should open a terminal in the environment of the kernel', async ({
  page,
  panel,
  tmpPath
}) => {
  await open(page, panel, `${tmpPath}/${NAME}`, ['']);
  await expect(mark(page)).toHaveAttribute('data-state', 'healthy');
  await runCell(page, 0, '!PATH=/nowhere; mlflow --version');
  await line(page)
    .getByRole('button', { name: /^Open a terminal/ })
    .click();
  await expect(page.locator('.jp-Terminal:visible')).toBeVisible();
  await page.locator('.jp-Terminal:visible').click();
  const told = join(environmentsFolder(), 'told-by-terminal');
  await page.keyboard.type(`echo "$VIRTUAL_ENV" && touch "${told}"`);
  await expect
    .poll(async () => {
      await page.keyboard.press('Enter');
      return existsSync(told);
    })
    .toBe(true);
});

test('should say why a kernel cannot start, mend its kernelspec, and start it', async ({
  page,
  panel,
  tmpPath
}) => {
  const gone = join(bareEnvironment(), '..', 'python3.99');
  const stale = kernel('stale', ipykernel(gone));
  // Another kernel, so that its interpreter is known to Jupyter.
  kernel('bare', ipykernel(bareEnvironment()));
  await open(page, panel, `${tmpPath}/${NAME}`, [''], stale);
  await dialog(page).getByRole('button', { name: 'Ok' }).click();
  // JupyterLab asks for another one.
  await dialog(page).getByRole('button', { name: 'No Kernel' }).click();
  await expect(mark(page)).toHaveAttribute('data-state', 'attention');
  await (await remedy(page, 'stale-kernelspec', /^Repair/)).click();
  await dialog(page)
    .getByRole('radio', { name: new RegExp(bareEnvironment()) })
    .check();
  await dialog(page).getByRole('button', { name: 'Repair' }).click();
  await dialog(page)
    .getByRole('button', { name: 'Start it for this notebook' })
    .click();
  await expect(proof(page)).toContainText('The kernel runs: Python 3');
  await close(page);
  // It runs, and what is to be said of it now is said by itself.
  await expect(popover(page)).not.toContainText('cannot start');
  await expect(
    popover(page).locator('[data-mlflow-finding="wrong-kernel"]')
  ).toBeVisible();
});

test('should remove a kernelspec whose interpreter is gone', async ({
  page,
  panel,
  tmpPath
}) => {
  const stale = kernel('stale', ipykernel('/nowhere/bin/python'));
  await open(page, panel, `${tmpPath}/${NAME}`, [''], stale);
  await dialog(page).getByRole('button', { name: 'Ok' }).click();
  // JupyterLab asks for another one.
  await dialog(page).getByRole('button', { name: 'No Kernel' }).click();
  await (await remedy(page, 'stale-kernelspec', /^Remove/)).click();
  await expect(dialog(page)).toContainText('/data/kernels/stale');
  await dialog(page).getByRole('button', { name: 'Remove' }).click();
  await expect(dialog(page)).toContainText('The kernel “stale” is removed');
  await close(page);
  await expect.poll(() => kernels(page)).not.toContain('stale');
  await expect(mark(page)).toBeHidden();
});

test('should add the environment that VIRTUAL_ENV names to the kernels, and switch to it', async ({
  page,
  panel,
  tmpPath
}) => {
  const meant = join(newestPython(), '..', '..');
  const mistaken = kernel('mistaken', ipykernel(bareEnvironment()), 'python', {
    env: { VIRTUAL_ENV: meant }
  });
  const before = await kernels(page);
  await open(page, panel, `${tmpPath}/${NAME}`, [''], mistaken);
  await expect(mark(page)).toHaveAttribute('data-state', 'attention');
  await (await remedy(page, 'environment-variable-lies', /^Add it/)).click();
  await dialog(page)
    .getByRole('button', { name: 'Switch this notebook to it' })
    .click();
  await expect(proof(page)).toContainText('works in this kernel', {
    timeout: IMPORT_MS
  });
  await close(page);
  await expect(mark(page)).toHaveAttribute('data-state', 'healthy');
  const made = (await kernels(page)).filter(name => !before.includes(name));
  expect(made).toHaveLength(1);
  rmSync(join(workFolder(), 'data', 'kernels', made[0]), { recursive: true });
});
