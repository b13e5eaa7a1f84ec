// The system's Chromium, by Playwright's driver from ui-tests.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { findChromium } from '../../scripts/lib/chromium.mjs';
import { root } from '../../scripts/lib/paths.mjs';
import { Trouble } from '../../scripts/lib/trouble.mjs';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-precise-memory-info'
];
export const VIEWPORT = { width: 1280, height: 900 };

function driver() {
  const require = createRequire(join(root, 'ui-tests', 'package.json'));
  try {
    return require('@playwright/test').chromium;
  } catch {
    throw new Trouble(
      'The browser benchmarks need Playwright, which is not installed.',
      'npm ci --prefix ui-tests --ignore-scripts'
    );
  }
}

export async function launch() {
  return driver().launch({ executablePath: findChromium(), args: FLAGS });
}

/**
 * Measures, inside the page, from `start` until `selector` matches at least `count` visible elements and two frames have been
 * drawn since.
 *
 * Call before what starts it: `start` is 'click' (the time stamp of the next click event) or 'now' (when `go` has run).
 *
 * @returns {() => Promise<{ms: number, atMs: number}>} call it to wait for the result
 */
export async function watchPaint(page, { selector, count, start, go = null }) {
  await page.evaluate(
    ({ selector, count, start, go }) => {
      const visible = element => {
        const box = element.getBoundingClientRect();
        return box.height > 0 && box.bottom > 0 && box.top < innerHeight;
      };
      window.__painted = new Promise(resolve => {
        let began = null;
        const look = () => {
          const found = [...document.querySelectorAll(selector)].filter(
            visible
          ).length;
          if (found >= count) {
            requestAnimationFrame(() =>
              requestAnimationFrame(() =>
                resolve({ ms: performance.now() - began, rows: found })
              )
            );
          } else {
            requestAnimationFrame(look);
          }
        };
        if (start === 'click') {
          addEventListener(
            'click',
            event => ((began = event.timeStamp), look()),
            { capture: true, once: true }
          );
        } else {
          began = performance.now();
          new Function(go)();
          look();
        }
      });
    },
    { selector, count, start, go }
  );
  return () => page.evaluate(() => window.__painted);
}

/** Resolves when the page has nothing to do for a moment, twice in a row. */
export async function idle(page) {
  for (let i = 0; i < 2; i++) {
    await page.evaluate(
      () =>
        new Promise(resolve =>
          requestIdleCallback(() => setTimeout(resolve), { timeout: 3000 })
        )
    );
  }
}

/** A JupyterLab page, in its first state, with the MLflow panel open and its experiments listed if `panel`. */
export async function openLab(page, jupyter, { panel }) {
  await page.goto(
    jupyter.page(`lab/workspaces/bench?reset${panel ? '&mlflow-panel=1' : ''}`)
  );
  await page
    .locator('#jupyterlab-splash')
    .waitFor({ state: 'detached', timeout: 120_000 });
  await page.locator('#jp-main-dock-panel').waitFor();
  if (panel) {
    await page
      .locator('[data-mlflow-panel][data-state="ready"]')
      .waitFor({ timeout: 60_000 });
    await page
      .locator('[data-mlflow-panel] [data-mlflow-experiment-id="0"]')
      .waitFor({ timeout: 60_000 });
  }
  await idle(page);
}
