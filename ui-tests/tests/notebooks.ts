import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { expect, type Locator } from '@playwright/test';
import type { App } from './fixtures';
import { EMPTY_NOTEBOOK, type MlflowServer } from './mlflow';

/** The panel's section "This notebook". */
export function section(root: Locator): Locator {
  return root.getByRole('region', { name: 'This notebook Section' });
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
 */
export async function putNotebook(
  page: IJupyterLabPageFixture,
  path: string,
  cellIds: ReadonlyArray<string> = ['first']
): Promise<string> {
  const cells = cellIds.map((id, at) => ({
    ...EMPTY_NOTEBOOK.cells[0],
    id,
    execution_count: at + 1,
    source: `cell = "${id}"`
  }));
  await page.contents.uploadContent(
    JSON.stringify({ ...EMPTY_NOTEBOOK, cells }),
    'text',
    path
  );
  return path;
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

/** The argument of `start_run` for a kernel that does not tag its runs; empty where it does. */
export async function tagsArgument(
  page: IJupyterLabPageFixture,
  path: string,
  cellId: string
): Promise<string> {
  const tags = await madeBy(page, path, cellId);
  return 'jupyter.notebook_id' in tags ? '' : `, tags=${JSON.stringify(tags)}`;
}

/** Writes a program into a cell of the open notebook and runs it, as Ctrl+Enter does. */
export async function runCell(
  page: IJupyterLabPageFixture,
  index: number,
  program: string
): Promise<void> {
  await page.evaluate(
    ([at, source]) => {
      const { content } = window.jupyterapp.shell
        .currentWidget as unknown as NotebookPanel;
      content.activeCellIndex = at;
      content.activeCell?.model.sharedModel.setSource(source);
      content.activate();
    },
    [index, program] as const
  );
  await page.keyboard.press('Control+Enter');
}
