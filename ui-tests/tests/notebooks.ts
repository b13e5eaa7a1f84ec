import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { expect, type Locator } from '@playwright/test';
import type { App, Panel } from './fixtures';
import { EMPTY_NOTEBOOK, type MlflowServer } from './mlflow';

/** The panel's section "This notebook". */
export function section(root: Locator): Locator {
  return root.getByRole('region', {
    name: 'This notebook Section',
    exact: true
  });
}

/** Chooses a tracking server in the panel. */
export async function useServer(
  root: Locator,
  server: MlflowServer
): Promise<void> {
  const switcher = root.locator('[data-mlflow-server]');
  if (server.name === 'oldest') {
    await switcher.click();
    await root.page().getByRole('menuitem', { name: 'oldest' }).click();
    await expect(switcher).toContainText('oldest');
    await expect(switcher).toHaveAttribute('data-state', 'connected');
  }
}

/**
 * Writes a notebook; returns its path.
 *
 * @param cellIds - a cell for each, which was run in this order and holds `cell = "<id>"`.
 * @param metadata - of the notebook: its kernel.
 */
export async function putNotebook(
  page: IJupyterLabPageFixture,
  path: string,
  cellIds: ReadonlyArray<string> = ['first'],
  metadata: object = EMPTY_NOTEBOOK.metadata
): Promise<string> {
  const cells = cellIds.map((id, at) => ({
    ...EMPTY_NOTEBOOK.cells[0],
    id,
    execution_count: at + 1,
    source: `cell = "${id}"`
  }));
  await page.contents.uploadContent(
    JSON.stringify({ ...EMPTY_NOTEBOOK, cells, metadata }),
    'text',
    path
  );
  return path;
}

/**
 * Writes a notebook whose cells have not been run; returns its path.
 *
 * @param programs - one for each cell.
 */
export async function putPrograms(
  page: IJupyterLabPageFixture,
  path: string,
  programs: ReadonlyArray<string>,
  metadata: object = EMPTY_NOTEBOOK.metadata
): Promise<string> {
  const cells = programs.map((source, at) => ({
    ...EMPTY_NOTEBOOK.cells[0],
    id: `cell-${at}`,
    source
  }));
  await page.contents.uploadContent(
    JSON.stringify({ ...EMPTY_NOTEBOOK, cells, metadata }),
    'text',
    path
  );
  return path;
}

/** Runs the open notebook to its end, as the command of the menu Run does. */
export async function runAll(page: IJupyterLabPageFixture): Promise<void> {
  await page.evaluate(() => {
    void window.jupyterapp.commands.execute('notebook:run-all-cells');
  });
}

/** Opens a notebook in JupyterLab; in Notebook 7 the window has been opened on it. */
export async function openNotebook(
  page: IJupyterLabPageFixture,
  app: App,
  path: string
): Promise<void> {
  if (app === 'lab') {
    await page.evaluate(
      async notebook =>
        void (await window.jupyterapp.commands.execute('docmanager:open', {
          path: notebook
        })),
      path
    );
  }
  await page.locator('.jp-NotebookPanel:visible .jp-Cell').first().waitFor();
}

/**
 * Opens the application on a new notebook, in front; returns its path.
 *
 * @param path - of the notebook: it lies in the panel's folder.
 * @param metadata - of the notebook: its kernel.
 */
export async function openNew(
  panel: Panel,
  path: string,
  cellIds?: ReadonlyArray<string>,
  metadata?: object
): Promise<string> {
  await putNotebook(panel.page, path, cellIds, metadata);
  await panel.openApplication(path.split('/').at(-1));
  await openNotebook(panel.page, panel.app, path);
  return path;
}

/** A cell of the open notebook. */
export function cellOf(page: IJupyterLabPageFixture, index: number): Locator {
  return page.locator('.jp-NotebookPanel:visible .jp-Cell').nth(index);
}

/** Writes the open notebook to its file. */
export async function saveNotebook(
  page: IJupyterLabPageFixture
): Promise<void> {
  await page.evaluate(async () => {
    const { context } = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    await context.save();
  });
}

/** Starts the kernel of a notebook, as opening it does; from then on the notebook has an id. */
export async function startKernel(
  page: IJupyterLabPageFixture,
  path: string
): Promise<void> {
  const started = await page.request.post('api/sessions', {
    data: {
      path,
      name: path.split('/').at(-1),
      type: 'notebook',
      kernel: { name: 'python3' }
    }
  });
  expect(started.status()).toBe(201);
  const query = new URLSearchParams({ path }).toString();
  await expect
    .poll(async () =>
      (await page.request.get(`jupyter-mlflow/notebooks?${query}`)).status()
    )
    .toBe(200);
}

/** The tags of a run that a cell of a notebook made, as the kernel gives them. */
export async function madeBy(
  page: IJupyterLabPageFixture,
  path: string,
  cellId = 'first'
): Promise<Record<string, string>> {
  const answer = await page.request.get(
    `jupyter-mlflow/notebooks?${new URLSearchParams({ path }).toString()}`
  );
  const known = answer.ok() ? ((await answer.json()) as { id: string }) : null;
  return {
    ...(known ? { 'jupyter.notebook_id': known.id } : {}),
    'jupyter.notebook_path': path,
    'jupyter.cell_id': cellId
  };
}

/** Writes a program into a cell of the open notebook and runs it, as Ctrl+Enter does wherever the focus is. */
export async function runCell(
  page: IJupyterLabPageFixture,
  index: number,
  program: string
): Promise<void> {
  // Before there is a kernel, running a cell asks which one to use.
  await page.waitForFunction(() => {
    const panel = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    return (
      panel.sessionContext.session?.kernel?.connectionStatus === 'connected'
    );
  });
  await page.evaluate(
    ([at, source]) => {
      const { content } = window.jupyterapp.shell
        .currentWidget as unknown as NotebookPanel;
      content.activeCellIndex = at;
      content.activeCell?.model.sharedModel.setSource(source);
      content.activate();
      // Not by the keyboard: the focus may be on its way to, or from, something else.
      void window.jupyterapp.commands.execute('notebook:run-cell');
    },
    [index, program] as const
  );
}

/** Until the kernel of the open notebook has done all that it was asked for. */
export async function untilIdle(page: IJupyterLabPageFixture): Promise<void> {
  await page.waitForFunction(() => {
    const { sessionContext } = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    return sessionContext.session?.kernel?.status === 'idle';
  });
}

/** Starts another kernel for the open notebook or console, as choosing it in the dialog does. */
export async function changeKernel(
  page: IJupyterLabPageFixture,
  name: string
): Promise<void> {
  await page.evaluate(async kernel => {
    const { sessionContext } = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    await sessionContext.changeKernel({ name: kernel });
  }, name);
}
