import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';
import { section } from './notebooks';

/** The words in the toolbar of the open notebook. */
export function mark(page: IJupyterLabPageFixture): Locator {
  return page.locator('.jp-NotebookPanel:visible [data-mlflow-doctor]');
}

/** What opens below them. */
export function popover(page: IJupyterLabPageFixture): Locator {
  return page.getByRole('dialog', { name: 'MLflow in this kernel' });
}

/** The cells of code of the open notebook. */
export function cells(page: IJupyterLabPageFixture): Locator {
  return page.locator('.jp-NotebookPanel:visible .jp-CodeCell');
}

/** The lines below cells that failed by something of ours. */
export function line(page: IJupyterLabPageFixture): Locator {
  return cells(page).locator('[data-mlflow-finding]');
}

/** How MLflow is in the kernel, at the head of the panel's section "This notebook". */
export function head(root: Locator): Locator {
  return section(root).locator('[data-mlflow-kernel]');
}
