import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { test as base } from '../tests/fixtures';
import { OwnJupyter } from '../tests/jupyter';
import { addKernel, ipykernel, newestPython } from '../tests/kernels';
import { setTheme } from '../tests/looks';

const IMAGES = resolve(__dirname, '../../docs/images');
/** As few colours as show no difference: the files are a third as large. */
const SMALLER =
  'import sys; from PIL import Image; image = Image.open(sys.argv[1]).convert("RGB"); ' +
  'image.quantize(192, dither=Image.Dither.NONE).save(sys.argv[1], optimize=True)';

/** Writes what the window shows to docs/images/<name>.png. */
export async function picture(
  page: IJupyterLabPageFixture,
  name: string
): Promise<void> {
  const path = join(IMAGES, `${name}.png`);
  await page.screenshot({ path, animations: 'disabled' });
  const { status, stderr } = spawnSync(newestPython(), ['-c', SMALLER, path], {
    encoding: 'utf8'
  });
  if (status !== 0) {
    throw new Error(stderr);
  }
}

/** Writes <name>-light.png and <name>-dark.png; the light theme is left. */
export async function pictures(
  page: IJupyterLabPageFixture,
  name: string
): Promise<void> {
  await setTheme(page, 'JupyterLab Dark');
  await picture(page, `${name}-dark`);
  await setTheme(page, 'JupyterLab Light');
  await picture(page, `${name}-light`);
}

/** Nothing that hides something else: no message in the corner, no tool tip. */
export async function tidy(page: IJupyterLabPageFixture): Promise<void> {
  await page.mouse.move(0, 0);
  await page.addStyleTag({ content: '.Toastify { display: none; }' });
}

/**
 * A machine with one kernel alone, in a folder whose name can be read.
 *
 * @param python - its interpreter; is given the folder.
 */
export function onOneKernel(
  python: (folder: string) => string,
  name = 'course'
) {
  return base.extend<object, { jupyter: OwnJupyter }>({
    jupyter: [
      async ({}, use) => {
        const jupyter = await OwnJupyter.start(
          server => {
            addKernel('python3', ipykernel(python(server)), 'python', {
              server,
              displayName: 'Python 3 (ipykernel)',
              env: {
                // Not those of whoever makes the pictures.
                PATH: '/usr/bin:/bin',
                VIRTUAL_ENV: '',
                // What MLflow prints is not what is shown.
                MLFLOW_LOGGING_LEVEL: 'ERROR',
                MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT: 'true',
                MLFLOW_TRACKING_URI: `http://127.0.0.1:${process.env.JUPYTER_MLFLOW_UI_NEWEST_PORT}`
              }
            });
          },
          {
            folder: join(tmpdir(), name),
            config: join(__dirname, 'jupyter_images_config.py')
          }
        );
        await use(jupyter);
        await jupyter.stop();
      },
      { scope: 'worker', timeout: 180_000 }
    ],
    baseURL: async ({ jupyter }, use) => use(jupyter.url),
    // The file browser shows it.
    tmpPath: async ({}, use) => use('demo')
  });
}
