import { defineConfig } from '@playwright/test';
import { CHROMIUM_ARGS, findChromium } from '../chromium';
import { freePort, mlflowServer, needed } from '../servers';
import type { AppOptions } from '../tests/fixtures';

const mlflow = freePort('JUPYTER_MLFLOW_UI_NEWEST_PORT');
// The configuration of the Jupyter server names it; nothing asks it here.
process.env.JUPYTER_MLFLOW_UI_OLDEST_PORT ??= mlflow;

/** Makes the pictures of docs/images: not a test, `npm run images` runs it. */
export default defineConfig<AppOptions>({
  testDir: '.',
  testMatch: '*.images.ts',
  outputDir: '../test-results/images',
  globalTeardown: '../teardown.ts',
  timeout: 900_000,
  expect: { timeout: 60_000 },
  retries: 0,
  workers: 1,
  reporter: 'list',
  use: {
    app: 'lab',
    viewport: { width: 1100, height: 660 },
    // Crisp where a screen has more than one point to a pixel.
    deviceScaleFactor: 2,
    video: 'off',
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: findChromium(), args: CHROMIUM_ARGS }
  },
  webServer: [
    mlflowServer(needed('JUPYTER_MLFLOW_TEST_PYTHON_NEWEST'), 'newest', mlflow)
  ]
});
