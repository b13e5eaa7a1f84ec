import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { expect, type Browser } from '@playwright/test';
import { workFolder } from '../servers';
import type { App } from './fixtures';
import { OwnJupyter } from './jupyter';
import { addKernel, ipykernel, newestPython } from './kernels';

const ROOT = join(__dirname, '..', '..');

/** The released packages of scripts/requirements/collaboration.txt, in a folder beside those of the environment; made once for a run. */
function packages(): string {
  const folder = join(workFolder(), 'collaboration');
  if (!existsSync(folder)) {
    const half = `${folder}.half`;
    const { status, stderr } = spawnSync(
      newestPython(),
      [
        ...['-m', 'uv', 'pip', 'install', '--python', newestPython()],
        ...['--no-deps', '--target', half],
        ...['-r', join(ROOT, 'scripts/requirements/collaboration.txt')]
      ],
      { encoding: 'utf8' }
    );
    if (status !== 0) {
      throw new Error(stderr);
    }
    renameSync(half, folder);
  }
  return folder;
}

/**
 * A Jupyter server whose documents are shared by the people who open them.
 *
 * @param executes - the page, as JupyterLab does it, or the server, by jupyter-server-nbmodel.
 */
export function startShared(executes: 'page' | 'server'): Promise<OwnJupyter> {
  const beside = packages();
  const shared = join(beside, 'share', 'jupyter');
  const ours = join(workFolder(), `collaboration-${executes}`);
  if (!existsSync(ours)) {
    const extensions = join(ours, 'labextensions');
    mkdirSync(extensions, { recursive: true });
    for (const scope of executes === 'page'
      ? ['@jupyter']
      : ['@jupyter', '@datalayer']) {
      symlinkSync(
        join(shared, 'labextensions', scope),
        join(extensions, scope)
      );
    }
  }
  return OwnJupyter.start(
    server => {
      addKernel('python3', ipykernel(newestPython()), 'python', { server });
    },
    {
      env: {
        PYTHONPATH: [join(ROOT, 'python-shim'), beside].join(delimiter),
        JUPYTER_PATH: ours,
        JUPYTER_CONFIG_PATH: join(beside, 'etc', 'jupyter'),
        JUPYTER_MLFLOW_UI_PEOPLE: '1'
      }
    }
  );
}

/** A person with a browser of their own and a notebook in it, which is shared with whoever else opens it. */
export class Person {
  private constructor(
    readonly page: IJupyterLabPageFixture,
    private _hold: Promise<void>,
    private _release: () => void
  ) {}

  static async open(
    browser: Browser,
    jupyter: OwnJupyter,
    name: string,
    path: string,
    app: App = 'lab'
  ): Promise<Person> {
    const context = await browser.newContext({ baseURL: `${jupyter.url}/` });
    await context.addCookies([
      { name: 'person', value: name, url: jupyter.url }
    ]);
    const page = (await context.newPage()) as IJupyterLabPageFixture;
    const person = new Person(page, Promise.resolve(), () => undefined);
    await page.routeWebSocket(/\/api\/collaboration\/room\//, socket => {
      const server = socket.connectToServer();
      socket.onMessage(message => {
        void person._hold.then(() => server.send(message));
      });
      server.onMessage(message => {
        void person._hold.then(() => socket.send(message));
      });
    });
    page.on('request', request => {
      person._asked += /\/api\/kernels\/[^/]+\/execute(\?|$)/.test(
        request.url()
      )
        ? 1
        : 0;
    });
    if (app === 'lab') {
      await page.goto(`lab/tree/${path}?reset`);
      await page
        .locator('#jupyterlab-splash')
        .waitFor({ state: 'detached', timeout: 90_000 });
    } else {
      await page.goto(`notebooks/${path}`);
    }
    await page
      .locator('.jp-NotebookPanel:visible .jp-Cell')
      .first()
      .waitFor({ timeout: 90_000 });
    return person;
  }

  /** Cells that this page has had the server execute. */
  get askedServer(): number {
    return this._asked;
  }

  /** What this person and the others write does not reach each other until the returned function is called. */
  cutOff(): () => void {
    this._hold = new Promise(resolve => {
      this._release = resolve;
    });
    return () => this._release();
  }

  /** The cells' sources and outputs in the shared document, as this page has it. */
  cells(): Promise<{ source: string; outputs: object[] }[]> {
    return this.page.evaluate(() => {
      const { content } = window.jupyterapp.shell
        .currentWidget as unknown as NotebookPanel;
      return [...(content.model?.sharedModel.cells ?? [])].map(cell => ({
        source: cell.getSource(),
        outputs:
          'getOutputs' in cell ? (cell.getOutputs() as unknown as object[]) : []
      }));
    });
  }

  /** How many people have the notebook open, as this page knows it. */
  people(): Promise<number> {
    return this.page.evaluate(() => {
      const { content } = window.jupyterapp.shell
        .currentWidget as unknown as NotebookPanel;
      const states = content.model?.sharedModel.awareness.getStates();
      return [...(states?.values() ?? [])].filter(state => 'user' in state)
        .length;
    });
  }

  /** Another name for the notebook, from its folder on, given in the dialog's way. */
  async rename(name: string): Promise<void> {
    await this.page.evaluate(async to => {
      const { context } = window.jupyterapp.shell
        .currentWidget as unknown as NotebookPanel;
      await context.rename(to);
    }, name);
  }

  /** From Jupyter's root. */
  path(): Promise<string> {
    return this.page.evaluate(
      () =>
        (window.jupyterapp.shell.currentWidget as unknown as NotebookPanel)
          .context.localPath
    );
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  private _asked = 0;
}

/** Executions of a notebook, as the history has them: `cell: source`, the oldest first. */
export async function ran(
  page: IJupyterLabPageFixture,
  path: string
): Promise<string[]> {
  const query = new URLSearchParams({ path }).toString();
  const answer = await page.request.get(`jupyter-mlflow/executions?${query}`);
  expect(answer.ok()).toBe(true);
  const { executions } = (await answer.json()) as {
    executions: { cell_id: string | null; source: string }[];
  };
  return executions
    .reverse()
    .map(({ cell_id: cell, source }) => `${cell}: ${source}`);
}
