import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import { CHROMIUM_ARGS, findChromium } from './chromium';
import { freePort, guarded, mlflowServer, needed, workFolder } from './servers';
import type { AppOptions } from './tests/fixtures';

const newestPython = needed('JUPYTER_MLFLOW_TEST_PYTHON_NEWEST');
const oldestPython = needed('JUPYTER_MLFLOW_TEST_PYTHON_OLDEST');
const newest = freePort('JUPYTER_MLFLOW_UI_NEWEST_PORT');
const oldest = freePort('JUPYTER_MLFLOW_UI_OLDEST_PORT');
const jupyter = freePort('JUPYTER_MLFLOW_UI_JUPYTER_PORT');
const folder = workFolder();

/** One Jupyter server for JupyterLab and Notebook 7, and two real MLflow servers behind it: see README.md. */
export default defineConfig<AppOptions>({
  testDir: 'tests',
  outputDir: 'test-results',
  globalTeardown: './teardown.ts',
  // What is there in time on a quiet machine takes longer on a busy one, which is no fault of what is tested.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  // A page on a machine with two full cores may lose a race that is JupyterLab's own. `npm test` names what passed at
  // its second try only, so that a fault of ours does not hide there.
  retries: 1,
  // One Jupyter server, and two cores: tests in turn are faster than tests that wait for each other.
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME
    ? [['list'], ['json']]
    : [['list']],
  use: {
    baseURL: `http://127.0.0.1:${jupyter}`,
    viewport: { width: 1280, height: 800 },
    video: 'off',
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: findChromium(), args: CHROMIUM_ARGS }
  },
  // A file runs in both applications unless its name says which.
  projects: [
    { name: 'lab', testIgnore: '**/*.notebook.spec.ts', use: { app: 'lab' } },
    {
      name: 'notebook-7',
      testIgnore: '**/*.lab.spec.ts',
      use: { app: 'notebook-7' }
    }
  ],
  webServer: [
    mlflowServer(newestPython, 'newest', newest),
    mlflowServer(oldestPython, 'oldest', oldest),
    guarded(
      newestPython,
      'jupyter',
      [
        newestPython,
        '-m',
        'jupyterlab',
        '--config',
        join(__dirname, 'jupyter_server_test_config.py')
      ],
      {
        url: `http://127.0.0.1:${jupyter}/api/status`,
        cwd: folder
      }
    )
  ]
});
