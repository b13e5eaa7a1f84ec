import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { workFolder } from '../servers';

/** What hub_serve.py tells. */
interface Campus {
  readonly url: string;
  readonly password: string;
  readonly experiment: string;
  readonly run: string;
}

function campus(): Campus {
  return JSON.parse(
    readFileSync(join(workFolder(), 'campus', 'hub.json'), 'utf8')
  ) as Campus;
}

/** Opens an address of the hub, fills in its form, and waits for the person's own JupyterLab. */
async function signIn(page: Page, name: string, path: string): Promise<void> {
  const { url, password } = campus();
  await page.goto(url + path);
  await page.locator('#username_input').fill(name);
  await page.locator('#password_input').fill(password);
  await page.locator('#login_submit').click();
  await page.waitForURL(`**/user/${name}/lab**`, { timeout: 180_000 });
  await page
    .locator('#jupyterlab-splash')
    .waitFor({ state: 'detached', timeout: 120_000 });
}

/** Counts what a page asks of the Jupyter server. */
class Requests {
  constructor(page: Page) {
    page.on('request', request => {
      const path = new URL(request.url()).pathname;
      if (
        path.includes('/jupyter-mlflow/') &&
        !path.includes('/lab/extensions/')
      ) {
        this.ours++;
        this._pending.add(request);
      } else if (path.includes('/api/')) {
        this.others++;
      }
    });
    const ended = (request: object) => {
      this._pending.delete(request);
    };
    page.on('requestfinished', ended);
    page.on('requestfailed', ended);
  }

  ours = 0;
  others = 0;

  get pending(): number {
    return this._pending.size;
  }

  reset(): void {
    this.ours = 0;
    this.others = 0;
  }

  private readonly _pending = new Set<object>();
}

/** As if another tab were in front, or this one again: headless Chromium has no tabs that cover each other. */
async function setVisible(page: Page, visible: boolean): Promise<void> {
  await page.evaluate(
    state => {
      Object.defineProperty(document, 'visibilityState', {
        configurable: true,
        get: () => state
      });
      Object.defineProperty(document, 'hidden', {
        configurable: true,
        get: () => state === 'hidden'
      });
      document.dispatchEvent(new Event('visibilitychange'));
    },
    visible ? 'visible' : 'hidden'
  );
}

test('should ask nothing while nobody looks, so that a server is culled as it would be without us', async ({
  page
}) => {
  const { experiment, run } = campus();
  await page.clock.install();
  const requests = new Requests(page);
  await signIn(page, 'ana', 'hub/user-redirect/lab?mlflow-panel=1');
  const panel = page.locator('[data-mlflow-panel]');
  await panel.locator(`[data-mlflow-experiment-id="${experiment}"]`).click();
  await expect(panel.locator(`[data-mlflow-run-id="${run}"]`)).toBeVisible();

  const polls = async () => {
    requests.reset();
    // A slow server is asked in ten times the time that it takes.
    await expect
      .poll(() => requests.ours, { timeout: 90_000 })
      .toBeGreaterThan(0);
  };
  const silence = async () => {
    await expect.poll(() => requests.pending).toBe(0);
    requests.reset();
    await page.clock.runFor('05:00');
    expect(requests.ours).toBe(0);
  };

  await test.step('hidden', async () => {
    await polls();
    await setVisible(page, false);
    await silence();
    await setVisible(page, true);
    await polls();
  });

  await test.step('away', async () => {
    await page.clock.fastForward('05:01');
    await silence();
    // JupyterLab itself goes on asking: it is we who are silent, not the clock.
    expect(requests.others).toBeGreaterThan(0);
    await page.mouse.move(400, 300);
    await page.mouse.move(410, 310);
    await polls();
  });
});

test('should open a shared link on the server of whoever follows it', async ({
  page
}) => {
  const { url, run } = campus();
  await signIn(page, 'ben', 'hub/user-redirect/lab');
  const server = await page.evaluate(async () => {
    const answer = await fetch(
      'jupyter-mlflow/servers'.replace(
        /^/,
        `${location.pathname.replace(/lab.*$/, '')}`
      )
    );
    const list = (await answer.json()) as { default: string };
    return list.default;
  });
  const view = `run/${server}/runId=${run}`;
  await page.goto(
    `${url}hub/user-redirect/lab?mlflow-view=${encodeURIComponent(view)}`
  );
  await page.waitForURL('**/user/ben/lab**');
  await expect(
    page.locator(`#jp-main-dock-panel [data-mlflow-run-id="${run}"]`)
  ).toBeVisible({ timeout: 60_000 });
});
