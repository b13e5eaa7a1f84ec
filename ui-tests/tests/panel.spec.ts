import { expect, galata, test } from './fixtures';
import { expectNoFlaw, setTheme, THEMES } from './looks';

const PANEL = '[data-mlflow-panel]';

test.describe('The frame of the panel', () => {
  for (const theme of THEMES) {
    test(`should have no flaw that axe finds (${theme})`, async ({
      page,
      panel
    }) => {
      const root = await panel.open();
      await setTheme(page, theme);
      await expectNoFlaw(page, PANEL);
      await root
        .getByRole('button', { name: 'Details of the tracking server' })
        .click();
      await expect(root.getByText('Files are kept in')).toBeVisible();
      await expectNoFlaw(page, PANEL);
      await root.locator('[data-mlflow-server]').click();
      await page
        .getByRole('menuitem', { name: 'Add Tracking Server…' })
        .click();
      await root.getByRole('button', { name: 'Add', exact: true }).click();
      await expect(root.getByRole('alert')).toBeVisible();
      await expectNoFlaw(page, PANEL);
    });
  }

  test('should welcome a newcomer', async ({ page, panel }) => {
    await page.route(/\/jupyter-mlflow\/servers(\?|$)/, async route => {
      await route.fulfill({
        json: {
          servers: [],
          default: null,
          suggestions: [
            {
              id: 'here',
              kind: 'start-here',
              uri: 'sqlite:////home/ann/mlflow.db',
              label: './mlflow.db',
              version: null,
              needs_environment: true
            },
            {
              id: 'loopback',
              kind: 'loopback',
              uri: 'http://127.0.0.1:5000',
              label: '127.0.0.1:5000',
              version: '2.3.2',
              needs_environment: false
            }
          ]
        }
      });
    });
    const root = await panel.open('empty');
    await expect(
      root.getByRole('heading', { name: 'No tracking server yet' })
    ).toBeVisible();
    await expect(
      root.getByRole('button', {
        name: 'Use the one at 127.0.0.1:5000 (2.3.2)'
      })
    ).toBeVisible();
    await expectNoFlaw(page, PANEL);

    await root.getByRole('button', { name: 'Start one here' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText('/mlflow.db');
    await expect(dialog).toContainText('newest MLflow');
    await dialog.getByRole('button', { name: 'Cancel' }).click();

    await root.getByRole('button', { name: 'Connect to a server…' }).click();
    await expect(root.getByLabel('Address or store')).toBeFocused();
  });

  test('should say when the list cannot be read, and come back by itself', async ({
    page,
    panel
  }) => {
    await page.route(/\/jupyter-mlflow\/servers(\?|$)/, route =>
      route.fulfill({ status: 500, body: '' })
    );
    const root = await panel.open('error');
    await expect(root.getByRole('alert')).toContainText('could not be listed');
    await page.unroute(/\/jupyter-mlflow\/servers(\?|$)/);
    await expect(root).toHaveAttribute('data-state', 'ready');
  });
});

test.describe('The layout of the panel', () => {
  test.use({ mockState: false });

  test('should be there again after a reload', async ({ page, panel, app }) => {
    const root = await panel.open();
    const title = (name: string) =>
      root.locator('.jp-AccordionPanel-title', { hasText: name });
    // JupyterLab keeps it in the workspace, Notebook 7 in the browser.
    const saved = (expanded: boolean): Promise<unknown> => {
      const layout = new RegExp(
        `jupyter-mlflow:panel-layout.*"experiments\\W+{\\W*expanded\\W+${expanded}`
      );
      return app === 'lab'
        ? page.waitForRequest(
            request =>
              request.method() === 'PUT' &&
              layout.test(request.postData() ?? '')
          )
        : page.waitForFunction(
            ({ source }) =>
              new RegExp(source).test(JSON.stringify({ ...localStorage })),
            { source: layout.source }
          );
    };
    const folded = saved(false);
    await title('Experiments').click();
    await expect(title('Experiments')).toHaveAttribute(
      'aria-expanded',
      'false'
    );
    await folded;

    await panel.openApplication();
    await panel.show();
    await expect(title('Experiments')).toHaveAttribute(
      'aria-expanded',
      'false'
    );
    await expect(title('Runs')).toHaveAttribute('aria-expanded', 'true');
    // The workspace is the next test's, too.
    const unfolded = saved(true);
    await title('Experiments').click();
    await expect(title('Experiments')).toHaveAttribute('aria-expanded', 'true');
    await unfolded;
  });
});

test.describe('The settings of the panel', () => {
  test.use({
    mockSettings: {
      ...galata.DEFAULT_SETTINGS,
      'jupyter-mlflow:panel': { timeFormat: 'absolute' }
    }
  });

  test('should show times as the person wants them', async ({
    panel,
    mlflow
  }) => {
    const experiment = await mlflow.createExperiment('timed');
    const root = await panel.open();
    await expect(
      root.locator(`[data-mlflow-experiment-id="${experiment.id}"] time`)
    ).toHaveText(/\d{4}.*\d{2}:\d{2}/);
  });
});
