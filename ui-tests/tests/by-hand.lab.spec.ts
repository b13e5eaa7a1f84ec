import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';
import { mark, popover } from './doctor';
import { expect, type Panel, test } from './fixtures';
import {
  addKernel,
  type AddedKernel,
  bareEnvironment,
  environmentsFolder,
  ipykernel,
  newestPython
} from './kernels';
import { openNotebook, putPrograms } from './notebooks';

const NAME = 'train.ipynb';

/** Lays out a Python that is no virtual environment, with the mark of PEP 668, and with ipykernel from elsewhere. */
const MANAGED = `
import os, pathlib, shutil, sys
folder, bare = map(pathlib.Path, sys.argv[1:])
base, name = pathlib.Path(sys.base_prefix), "python%d.%d" % sys.version_info[:2]
(folder / "bin").mkdir(parents=True)
shutil.copy2(os.path.realpath(sys.executable), folder / "bin" / "python")
library = folder / "lib" / name
(library / "site-packages").mkdir(parents=True)
for real, linked in ((base / "lib", folder / "lib"), (base / "lib" / name, library)):
    for entry in real.iterdir():
        if not (linked / entry.name).exists() and entry.name != "EXTERNALLY-MANAGED":
            (linked / entry.name).symlink_to(entry)
(library / "EXTERNALLY-MANAGED").write_text("[externally-managed]\\nError=Not here.\\n")
(library / "site-packages" / "bare.pth").write_text(str(bare / "lib" / name / "site-packages"))
`;

function managedPython(): string {
  const folder = join(environmentsFolder(), 'managed');
  const python = join(folder, 'bin', 'python');
  if (!existsSync(python)) {
    const bare = join(bareEnvironment(), '..', '..');
    const { status, stderr } = spawnSync(
      newestPython(),
      ['-c', MANAGED, folder, bare],
      { encoding: 'utf8' }
    );
    expect(status, stderr).toBe(0);
  }
  return python;
}

const dialog = (page: IJupyterLabPageFixture): Locator =>
  page.locator('.jp-Dialog');

const buttons = (place: Locator): Locator =>
  place.locator('[data-mlflow-remedy]');

async function open(
  page: IJupyterLabPageFixture,
  panel: Panel,
  path: string,
  kernel: AddedKernel
): Promise<void> {
  await putPrograms(page, path, ['import mlflow'], kernel.metadata);
  await panel.openApplication(NAME);
  await openNotebook(page, 'lab', path);
}

let kernel: AddedKernel | null = null;

test.afterEach(() => {
  kernel?.remove();
  kernel = null;
});

test('should name where the notebook logs on the button that shows it, and say what fails there', async ({
  page,
  panel,
  tmpPath,
  oldest
}) => {
  kernel = addKernel('old-server', ipykernel(newestPython()), 'python', {
    env: { MLFLOW_TRACKING_URI: oldest.url }
  });
  await open(page, panel, `${tmpPath}/${NAME}`, kernel);
  const root = await panel.show();
  await mark(page).getByRole('button').click();
  const place = popover(page).locator('[data-mlflow-finding="logs-elsewhere"]');
  await expect(place).toContainText(
    'This notebook logs to oldest. The panel shows newest.'
  );
  await expect(buttons(place)).toHaveText(['Show oldest', 'Log to newest']);
  await buttons(place).first().click();
  await expect(root.locator('[data-mlflow-server]')).toContainText('oldest');
  await expect(popover(page)).toContainText('This notebook logs to oldest.');
  await expect(place).toHaveCount(0);
  // The server that the kernel logs to is too old for its MLflow.
  await expect(
    popover(page).locator('[data-mlflow-finding="version-skew"]')
  ).toContainText('cannot log models to its server: that has MLflow 2.3.2');
});

test('should show what to type where the system manages the packages', async ({
  page,
  panel,
  tmpPath
}) => {
  kernel = addKernel('managed', ipykernel(managedPython()));
  await open(page, panel, `${tmpPath}/${NAME}`, kernel);
  await expect(mark(page)).toHaveAttribute('data-state', 'attention');
  await mark(page).getByRole('button').click();
  const finding = popover(page).locator('[data-mlflow-finding="wrong-kernel"]');
  await expect(buttons(finding)).toHaveText([
    /^Switch to/,
    'Create an environment…',
    'Show me the commands'
  ]);
  await buttons(finding).last().click();
  const shown = dialog(page).locator('pre');
  await expect(shown).toContainText('python3 -m venv mlflow_venv');
  await expect(shown).toContainText('-m ipykernel install --user');
  // Pip would refuse in a cell, too.
  await expect(dialog(page).getByRole('tab')).toHaveText([
    'Linux and macOS',
    'Windows (PowerShell)'
  ]);
  await dialog(page)
    .getByRole('tab', { name: /Windows/ })
    .click();
  await expect(shown).toContainText('py -m venv mlflow_venv');
  await dialog(page).getByRole('button', { name: 'Close' }).last().click();

  // The same of the environment that the wizard would make.
  await buttons(finding).nth(1).click();
  await dialog(page).getByRole('textbox', { name: 'Name' }).fill('mine');
  await dialog(page)
    .getByRole('button', { name: 'Show me the commands' })
    .click();
  await expect(shown).toContainText(/venv .*\/mine\n/);
  await expect(shown).toContainText(/pip install .*mlflow.* ipykernel/);
  await dialog(page).getByRole('button', { name: 'Back' }).click();
  await expect(dialog(page).getByRole('textbox', { name: 'Name' })).toHaveValue(
    'mine'
  );
});

test('should give instructions where an administrator has turned jobs off, in a notification too', async ({
  page,
  panel,
  tmpPath
}) => {
  await page.route('**/jupyter-mlflow/status', async route => {
    const answer = await route.fetch();
    const status = (await answer.json()) as { features: object };
    status.features = { ...status.features, jobs: false };
    await route.fulfill({ response: answer, json: status });
  });
  // Of no other kernel is it known that it has MLflow.
  await page.route('**/jupyter-mlflow/environments*', route => route.abort());
  kernel = addKernel('bare', ipykernel(bareEnvironment()));
  const path = `${tmpPath}/${NAME}`;
  await putPrograms(page, path, ['import mlflow'], kernel.metadata);
  await panel.openApplication(NAME);
  // What is turned off is known with the servers.
  await panel.show();
  await openNotebook(page, 'lab', path);
  await mark(page).getByRole('button').click();
  const finding = popover(page).locator(
    '[data-mlflow-finding="package-missing"]'
  );
  await expect(buttons(finding)).toHaveText(['Show me the commands']);
  await expect(finding).toContainText('has turned jobs off');
  await page.keyboard.press('Escape');

  const notice = page
    .getByRole('alert')
    .filter({ hasText: 'MLflow is not installed' });
  await notice.getByRole('button', { name: 'Show me the commands' }).click();
  await expect(dialog(page)).toContainText('has turned jobs off');
  // One of the two things cannot be done in a cell: what is shown first has both.
  await expect(dialog(page).locator('pre')).toHaveCount(2);
  await dialog(page)
    .getByRole('tab', { name: 'A cell of this notebook' })
    .click();
  await expect(dialog(page).locator('pre')).toContainText(
    /pip install .*mlflow/
  );
});
