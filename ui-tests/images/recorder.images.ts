import { mark as kernelMark } from '../tests/doctor';
import { badge, forgetChoices, mark, openRecording } from '../tests/recorded';
import { expect } from '../tests/fixtures';
import { newestPython } from '../tests/kernels';
import { openNotebook, putPrograms, runCell } from '../tests/notebooks';
import { onOneKernel, picture, pictures, tidy } from './picture';

const NAME = 'train.ipynb';
const TRAIN = [
  '# Train the model',
  'from sklearn.datasets import load_wine',
  'from sklearn.ensemble import RandomForestClassifier',
  'from sklearn.model_selection import cross_val_score',
  '',
  'depth = 3',
  'with mlflow.start_run(run_name="forest"):',
  '    model = RandomForestClassifier(max_depth=depth, random_state=0)',
  '    accuracy = cross_val_score(model, *load_wine(return_X_y=True)).mean()',
  '    mlflow.log_param("max_depth", depth)',
  '    mlflow.log_metric("accuracy", accuracy)',
  'print(f"accuracy {accuracy:.3f}")'
].join('\n');
const PROGRAMS = [
  'import mlflow\n\n_ = mlflow.set_experiment("Wine cultivars")',
  TRAIN,
  'model.feature_importance_'
];
/** An import of MLflow on a busy machine takes its time. */
const IMPORT_MS = 240_000;

const test = onOneKernel(newestPython, 'wine');
test.use({ viewport: { width: 1200, height: 760 } });

test('which code made this number', async ({ page, panel, app, tmpPath }) => {
  const path = await putPrograms(page, `${tmpPath}/${NAME}`, PROGRAMS);
  await forgetChoices(page);
  await panel.openApplication(NAME);
  await page.sidebar.close('left');
  await openNotebook(page, app, path);
  await expect(mark(page)).toHaveText('Not recorded');
  await expect(kernelMark(page)).toHaveAttribute('data-state', 'healthy');
  const settings = await openRecording(page);
  await settings.getByLabel('Yes, for 30 days').check();
  await settings.getByLabel('Every cell').check();
  await tidy(page);
  await picture(page, 'recorder-choice-light');
  await settings.getByRole('button', { name: 'Apply' }).click();
  await expect(mark(page)).toHaveAttribute('data-state', 'on');
  await page.keyboard.press('Escape');

  await runCell(page, 0, PROGRAMS[0]);
  await expect(badge(page, 0)).toHaveAttribute('data-outcome', 'ok', {
    timeout: IMPORT_MS
  });
  await runCell(page, 1, TRAIN);
  await expect(badge(page, 1)).toHaveAttribute('data-outcome', 'ok', {
    timeout: IMPORT_MS
  });
  await runCell(page, 2, PROGRAMS[2]);
  await expect(badge(page, 2)).toHaveAttribute('data-outcome', 'error');
  await page.evaluate(
    source => {
      const { content } = window.jupyterapp.shell
        .currentWidget as unknown as NotebookLike;
      content.widgets[1].model.sharedModel.setSource(source);
    },
    TRAIN.replace('depth = 3', 'depth = 8')
  );
  await badge(page, 1).getByRole('button').click();
  const pane = page.getByRole('dialog', { name: 'Executions of this cell' });
  await expect(
    pane.getByRole('list', { name: 'Runs that it started' })
  ).toContainText('accuracy', { timeout: 60_000 });
  await pane.getByRole('button', { name: 'Compare with the code now' }).click();
  await tidy(page);
  await pictures(page, 'recorder');
  await pane.getByRole('button', { name: 'Would it run again?' }).click();
  await expect(
    page.getByRole('list', { name: 'What ran, in its order' })
  ).toBeVisible();
  await tidy(page);
  await picture(page, 'recorder-again-light');
  await page.keyboard.press('Escape');
  await forgetChoices(page);
});

interface NotebookLike {
  readonly content: {
    readonly widgets: ReadonlyArray<{
      readonly model: {
        readonly sharedModel: { setSource(source: string): void };
      };
    }>;
  };
}
