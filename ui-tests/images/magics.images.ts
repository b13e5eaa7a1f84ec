import { expect } from '../tests/fixtures';
import { newestPython } from '../tests/kernels';
import { openNotebook, putPrograms, runCell } from '../tests/notebooks';
import { output } from '../tests/outputs';
import { onOneKernel, pictures, tidy } from './picture';

const NAME = 'train.ipynb';
const PROGRAMS = [
  [
    'import math, mlflow',
    '',
    '_ = mlflow.set_experiment("Learning rates")',
    'for name, rate in {"slow": 0.02, "medium": 0.06, "fast": 0.2}.items():',
    '    with mlflow.start_run(run_name=name):',
    '        mlflow.log_params({"rate": rate, "solver": "sgd"})',
    '        for step in range(60):',
    '            mlflow.log_metric("loss", math.exp(-rate * step) + 0.05 * math.sin(step), step)'
  ].join('\n'),
  '%mlflow runs --sort -loss --last 10',
  '%mlflow chart loss'
];
/** An import of MLflow on a busy machine takes its time. */
const IMPORT_MS = 240_000;

const test = onOneKernel(newestPython, 'rates');
test.use({ viewport: { width: 1200, height: 900 } });

test('a table and a chart below their cells', async ({
  page,
  panel,
  app,
  tmpPath
}) => {
  const path = await putPrograms(page, `${tmpPath}/${NAME}`, PROGRAMS);
  await panel.openApplication(NAME);
  await page.sidebar.close('left');
  await openNotebook(page, app, path);
  await runCell(page, 0, PROGRAMS[0]);
  await expect(page.locator('.jp-InputPrompt:visible').first()).toHaveText(
    '[1]:',
    { timeout: IMPORT_MS }
  );
  await runCell(page, 1, PROGRAMS[1]);
  await expect(output(page, 'table')).toContainText('fast');
  await runCell(page, 2, PROGRAMS[2]);
  await expect(output(page, 'chart')).toContainText('fast');
  await expect(output(page, 'chart').locator('.js-plotly-plot')).toBeVisible();
  await tidy(page);
  await pictures(page, 'magics');
});
