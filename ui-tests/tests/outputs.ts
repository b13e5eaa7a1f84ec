import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { CodeCellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { expect, type Locator } from '@playwright/test';
import { EMPTY_NOTEBOOK, type MlflowServer } from './mlflow';

/** What an output holds: its layers by MIME type. */
export type Layers = Record<string, unknown>;

export function mimeType(kind: string): string {
  return `application/vnd.jupyter-mlflow.${kind}.v1+json`;
}

/** An output of a kind, in the notebook that is in front. */
export function output(page: IJupyterLabPageFixture, kind: string): Locator {
  return page.locator(
    `.jp-NotebookPanel:visible [data-mlflow-widget="${kind}"]`
  );
}

/** The layers of an output as the kernel writes them. */
export function layersOf(
  kind: string,
  ids: object,
  snapshot: object | null,
  text = kind
): Layers {
  return {
    [mimeType(kind)]: { note: null, ...ids, snapshot },
    'text/html': `<p>${text}</p>`,
    'text/plain': text
  };
}

/** Writes a notebook whose cells have these outputs, as a file that came from elsewhere: not trusted. */
export async function putOutputs(
  page: IJupyterLabPageFixture,
  path: string,
  outputs: ReadonlyArray<Layers>
): Promise<string> {
  const cells = outputs.map((data, at) => ({
    ...EMPTY_NOTEBOOK.cells[0],
    id: `cell${at}`,
    execution_count: at + 1,
    source: '%mlflow',
    outputs: [
      {
        output_type: 'execute_result',
        execution_count: at + 1,
        metadata: {},
        data
      }
    ]
  }));
  await page.contents.uploadContent(
    JSON.stringify({ ...EMPTY_NOTEBOOK, cells }),
    'text',
    path
  );
  return path;
}

/** The layers of the first output of a cell, as the notebook would save them. */
export async function keptLayers(
  page: IJupyterLabPageFixture,
  cell: number
): Promise<Layers> {
  return page.evaluate(at => {
    const { content } = window.jupyterapp.shell
      .currentWidget as unknown as NotebookPanel;
    const model = content.model?.cells.get(at) as unknown as CodeCellModel;
    const [first] = model.sharedModel.getOutputs();
    return (first as unknown as { data: Layers }).data;
  }, cell);
}

/** What an output has saved. */
export async function snapshotOf(
  page: IJupyterLabPageFixture,
  cell: number,
  kind: string
): Promise<Record<string, unknown> | null> {
  const layers = await keptLayers(page, cell);
  return (
    layers[mimeType(kind)] as { snapshot: Record<string, unknown> | null }
  ).snapshot;
}

/** Takes away what the kernel saved, as if it had not reached the server. */
export async function forgetSnapshot(
  page: IJupyterLabPageFixture,
  cell: number,
  kind: string
): Promise<void> {
  await page.evaluate(
    ([at, type]) => {
      const { content } = window.jupyterapp.shell
        .currentWidget as unknown as NotebookPanel;
      const model = content.model?.cells.get(
        Number(at)
      ) as unknown as CodeCellModel;
      const item = model.outputs.get(0);
      const json = item.data[type] as object;
      item.setData({
        data: { ...item.data, [type]: { ...json, snapshot: null } as never }
      });
    },
    [String(cell), mimeType(kind)] as const
  );
}

/** The id by which the Jupyter server knows a tracking server. */
export async function serverId(
  page: IJupyterLabPageFixture,
  server: MlflowServer
): Promise<string> {
  const answer = await page.request.get('jupyter-mlflow/servers');
  expect(answer.ok()).toBe(true);
  const { servers } = (await answer.json()) as {
    servers: { id: string; uri: string }[];
  };
  const found = servers.find(({ uri }) => uri === server.url);
  expect(found).toBeDefined();
  return found?.id ?? '';
}

/** Every request of the page to a tracking server, or for the list of them, from now on. */
export function countRequests(page: IJupyterLabPageFixture): string[] {
  const asked: string[] = [];
  page.on('request', request => {
    const url = new URL(request.url());
    if (url.pathname.includes('/jupyter-mlflow/servers')) {
      asked.push(`${request.method()} ${url.pathname}${url.search}`);
    }
  });
  return asked;
}

/** Trusts the notebook by the button of its first output. */
export async function trust(page: IJupyterLabPageFixture): Promise<void> {
  await page
    .locator('.jp-NotebookPanel:visible')
    .getByRole('button', { name: 'Trust Notebook…' })
    .first()
    .click();
  await page.locator('.jp-Dialog button.jp-mod-warn').click();
}

/** Scrolls to an output, which asks nothing out of sight, and waits for its state. */
export async function expectState(
  widget: Locator,
  state: 'live' | 'static' | 'error'
): Promise<void> {
  await expect(async () => {
    // What was saved gives way to what is live: then it is another element.
    await widget.scrollIntoViewIfNeeded({ timeout: 2000 });
    await expect(widget).toHaveAttribute('data-state', state, {
      timeout: 2000
    });
  }).toPass({ timeout: 90_000 });
}
