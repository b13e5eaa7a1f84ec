import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import { CHROMIUM_ARGS, findChromium } from '../chromium';
import {
  freePort,
  guarded,
  mlflowServer,
  needed,
  remembered,
  workFolder
} from '../servers';

const testPython = needed('JUPYTER_MLFLOW_TEST_PYTHON_NEWEST');
const python = needed('JUPYTER_MLFLOW_WHEEL_PYTHON');
const path = needed('JUPYTER_MLFLOW_WHEEL_PATH');
const folder = workFolder();
const mlflow = freePort('JUPYTER_MLFLOW_UI_NEWEST_PORT');
const token = remembered('JUPYTER_MLFLOW_WHEEL_TOKEN', () =>
  randomBytes(16).toString('hex')
);

/** A Jupyter application as a person starts it after `pip install jupyter-mlflow`: no configuration, a login, no Node. */
function application(name: 'lab' | 'notebook', port: string) {
  const home = join(folder, name);
  mkdirSync(home, { recursive: true });
  const program = name === 'lab' ? 'jupyterlab' : 'notebook';
  return guarded(
    testPython,
    `wheel-${name}`,
    [
      python,
      '-m',
      program,
      '--no-browser',
      '--allow-root',
      '--ServerApp.ip=127.0.0.1',
      `--ServerApp.port=${port}`,
      '--ServerApp.port_retries=0'
    ],
    {
      url: `http://127.0.0.1:${port}/api`,
      cwd: home,
      env: {
        PATH: path,
        HOME: home,
        JUPYTER_TOKEN: token,
        JUPYTER_CONFIG_DIR: join(home, 'config'),
        JUPYTER_DATA_DIR: join(home, 'data'),
        JUPYTER_RUNTIME_DIR: join(home, 'runtime'),
        PYTHONPATH: '',
        VIRTUAL_ENV: '',
        MLFLOW_TRACKING_URI: `http://127.0.0.1:${mlflow}`
      }
    }
  );
}

/** The built wheel in an empty environment, as scripts/wheel.mjs made it. */
export default defineConfig({
  testDir: '.',
  outputDir: '../test-results/wheel',
  globalTeardown: '../teardown.ts',
  timeout: 90_000,
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
  webServer: [
    mlflowServer(testPython, 'newest', mlflow),
    application('lab', freePort('JUPYTER_MLFLOW_WHEEL_LAB_PORT')),
    application('notebook', freePort('JUPYTER_MLFLOW_WHEEL_NOTEBOOK_PORT'))
  ]
});
