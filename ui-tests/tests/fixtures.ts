import {
  galata,
  test as base,
  type IJupyterLabPageFixture
} from '@jupyterlab/galata';
import * as waiting from '@jupyterlab/galata/lib/utils';
import type { Locator } from '@playwright/test';
import { EMPTY_NOTEBOOK, MlflowServer } from './mlflow';

export { expect } from '@jupyterlab/galata';

// Galata gives an application and its side panels 15 s, which are not enough on a busy machine.
const { waitForCondition } = waiting;
Object.assign(waiting, {
  waitForCondition: (
    condition: () => boolean | Promise<boolean>,
    timeout = 60_000
  ) => waitForCondition(condition, timeout)
});

export type App = 'lab' | 'notebook-7';

/** Options of a project. */
export interface AppOptions {
  /** Which application the test runs in. */
  app: App;
}

interface Fixtures {
  /** The newest MLflow: the server that the panel begins with. */
  mlflow: MlflowServer;
  /** MLflow 2.3.2, second in the switcher. */
  oldest: MlflowServer;
  /** The application with the panel. */
  panel: Panel;
}

const PANEL = 'jp-mlflow-panel';
const RESTART = /\/api\/kernels\/[^/]+\/restart/;

/** What is used of a page's window. */
interface WithShell {
  jupyterapp: {
    shell: {
      expandLeft(id: string): void;
      widgets(area: string): Iterable<{ id: string }>;
    };
  };
}

/** Opens the application, and its MLflow panel, whichever of the two it is. */
export class Panel {
  constructor(
    readonly page: IJupyterLabPageFixture,
    readonly app: App,
    private readonly _folder: string
  ) {}

  /** The panel's root, `[data-mlflow-panel]`. */
  get root(): Locator {
    return this.page.locator('[data-mlflow-panel]');
  }

  /** Opens the application on an empty notebook (Notebook 7) or the launcher, then shows the panel and waits for `state`. */
  async open(state: string = 'ready'): Promise<Locator> {
    await this.openApplication();
    return this.show(state);
  }

  /** The application alone, the panel not shown yet. */
  async openApplication(notebook = 'notebook.ipynb'): Promise<void> {
    // Galata answers it with 201, which JupyterLab takes for an error: it does not connect again.
    await this.page.route(RESTART, route => route.continue());
    if (this.app === 'lab') {
      await this.page.goto(`tree/${this._folder}`);
      return;
    }
    const path = `${this._folder}/${notebook}`;
    if (!(await this.page.contents.fileExists(path))) {
      await this.page.contents.uploadContent(
        JSON.stringify(EMPTY_NOTEBOOK),
        'text',
        path
      );
    }
    await this.page.goto(`notebooks/${path}`);
  }

  /** Shows the panel, as a click on its tab or its entry in the menu View does. */
  async show(state: string = 'ready'): Promise<Locator> {
    if (this.app === 'lab') {
      // The application may be there before all of its extensions are.
      await this.page.waitForFunction(
        id =>
          [
            ...((
              window as unknown as Partial<WithShell>
            ).jupyterapp?.shell.widgets('left') ?? [])
          ]
            .map(widget => widget.id)
            .includes(id),
        PANEL
      );
      await this.page.sidebar.openTab(PANEL);
    } else {
      await this.page.evaluate(id => {
        // Notebook 7 hides its side panels' tabs until one of them is open.
        (window as unknown as WithShell).jupyterapp.shell.expandLeft(id);
      }, PANEL);
    }
    await this.root.and(this.page.locator(`[data-state="${state}"]`)).waitFor();
    return this.root;
  }
}

/** The test of this project: Galata's page, the panel, and two real tracking servers. */
export const test = base.extend<Fixtures & AppOptions>({
  app: ['lab', { option: true }],
  autoGoto: false,
  appPath: async ({ app }, use) => use(app === 'lab' ? '/lab' : ''),
  waitForApplication: async ({ app }, use) =>
    use(
      app === 'lab'
        ? async page => {
            await page
              .locator('#jupyterlab-splash')
              .waitFor({ state: 'detached' });
            await page.locator('#jp-main-dock-panel').waitFor();
          }
        : async page => {
            await page.locator('#main-panel').waitFor();
            await page.locator('.jp-Notebook').waitFor();
          }
    ),
  mlflow: async ({}, use) => {
    const server = new MlflowServer(
      'newest',
      `http://127.0.0.1:${process.env.JUPYTER_MLFLOW_UI_NEWEST_PORT}`
    );
    await use(server);
    await server.dispose();
  },
  oldest: async ({}, use) => {
    const server = new MlflowServer(
      'oldest',
      `http://127.0.0.1:${process.env.JUPYTER_MLFLOW_UI_OLDEST_PORT}`
    );
    await use(server);
    await server.dispose();
  },
  panel: async ({ page, app, tmpPath }, use) =>
    use(new Panel(page, app, tmpPath))
});

export { galata };
