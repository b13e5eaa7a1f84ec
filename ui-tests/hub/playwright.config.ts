import { join, resolve } from 'node:path';
import { defineConfig } from '@playwright/test';
import { CHROMIUM_ARGS, findChromium } from '../chromium';
import { freePort, guarded, needed, workFolder } from '../servers';

const python = needed('JUPYTER_MLFLOW_TEST_PYTHON_NEWEST');
const port = freePort('JUPYTER_MLFLOW_HUB_PORT');
const folder = workFolder();
const serve = resolve(
  __dirname,
  '..',
  '..',
  'python-shim',
  'tests',
  'hub_serve.py'
);

/** A real JupyterHub with two people and one shared MLflow, as python-shim/tests/hub_serve.py starts them. */
export default defineConfig({
  testDir: '.',
  outputDir: '../test-results/hub',
  globalTeardown: '../teardown.ts',
  timeout: 300_000,
  expect: { timeout: 30_000 },
  retries: 0,
  workers: 1,
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME
    ? [['list'], ['json']]
    : [['list']],
  use: {
    viewport: { width: 1280, height: 800 },
    video: 'off',
    trace: 'off',
    launchOptions: { executablePath: findChromium(), args: CHROMIUM_ARGS }
  },
  webServer: guarded(
    python,
    'hub',
    [python, serve, join(folder, 'campus'), port],
    {
      url: `http://127.0.0.1:${port}/campus/hub/health`,
      timeout: 420_000
    }
  )
});
