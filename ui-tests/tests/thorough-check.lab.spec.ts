import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { line, mark, popover } from './doctor';
import { expect, test } from './fixtures';
import {
  addKernel,
  type AddedKernel,
  environmentsFolder,
  ipykernel,
  makeEnvironment
} from './kernels';
import { openNew, runCell } from './notebooks';

const NAME = 'train.ipynb';

let broken: AddedKernel;
/** Where packages of its environment lie. */
let packages: string;

test.beforeAll(() => {
  const folder = join(environmentsFolder(), 'broken');
  const python = makeEnvironment(folder);
  const [library] = readdirSync(join(folder, 'lib'));
  packages = join(folder, 'lib', library, 'site-packages');
  mkdirSync(join(packages, 'mlflow'));
  writeFileSync(
    join(packages, 'mlflow', '__init__.py'),
    '__version__ = "3.99.0"\nimport absent_part\n'
  );
  mkdirSync(join(packages, 'mlflow-3.99.0.dist-info'));
  writeFileSync(
    join(packages, 'mlflow-3.99.0.dist-info', 'METADATA'),
    'Metadata-Version: 2.1\nName: mlflow\nVersion: 3.99.0\n'
  );
  broken = addKernel('broken', ipykernel(python));
});

test.afterAll(() => {
  broken.remove();
});

test('should try the import of itself when a cell could not make it, and say when it can be made again', async ({
  page,
  panel,
  tmpPath
}) => {
  await openNew(panel, `${tmpPath}/${NAME}`, ['first'], broken.metadata);
  // That it is installed is all that is known.
  await expect(mark(page)).toHaveText('MLflow ✓');
  await runCell(page, 0, 'import mlflow');
  await expect(line(page)).toHaveAttribute(
    'data-mlflow-finding',
    'dependency-broken'
  );
  await expect(line(page)).toContainText('“absent_part”');
  await expect(mark(page)).toHaveText('MLflow: 1 problem');

  writeFileSync(join(packages, 'absent_part.py'), '');
  await mark(page).getByRole('button').click();
  const finding = popover(page).locator(
    '[data-mlflow-finding="dependency-broken"]'
  );
  await expect(finding).toBeVisible();
  await popover(page).getByRole('button', { name: 'Check again' }).click();
  await expect(finding).toHaveCount(0);
  await expect(mark(page)).toHaveText('MLflow ✓');
  await page.keyboard.press('Escape');
  await expect(line(page)).toHaveCount(0);
});
