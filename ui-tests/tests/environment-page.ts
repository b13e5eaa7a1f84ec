import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';
import { workFolder } from '../servers';
import {
  addKernel,
  type AddedKernel,
  bareEnvironment,
  ipykernel,
  newestPython
} from './kernels';

/** Where a kernelspec of the tests stands. */
export function folderOf(name: string): string {
  return join(workFolder(), 'data', 'kernels', name);
}

/** The environment of an interpreter. */
export function prefixOf(python: string): string {
  return dirname(dirname(python));
}

/** Kernels: one without MLflow, one whose interpreter is gone, one that cannot be read, and one of another language. */
export function addKernels(): ReadonlyArray<AddedKernel> {
  const added = [
    addKernel('bare', ipykernel(bareEnvironment())),
    addKernel('gone', ipykernel('/no/such/environment/bin/python')),
    addKernel(
      'bash',
      [newestPython(), '-m', 'bash_kernel', '-f', '{connection_file}'],
      'bash'
    ),
    addKernel('torn', [])
  ];
  mkdirSync(folderOf('torn'), { recursive: true });
  writeFileSync(join(folderOf('torn'), 'kernel.json'), '{"argv": [');
  return added;
}

/** Does what the command does that is in the palette and in the panel's menu. */
export async function openPage(page: Page): Promise<void> {
  await page.waitForFunction(() => 'jupyterapp' in window);
  await page.evaluate(() => {
    void window.jupyterapp.commands.execute('mlflow:open-environments');
  });
}

/** The page of environments, once it has been told what there is. */
export async function shownPage(page: Page): Promise<Locator> {
  const root = page.locator('[data-mlflow-environments]');
  await expect(root).toHaveAttribute('data-state', 'ready', {
    timeout: 90_000
  });
  return root;
}

/** The row of a kernel. */
export function kernelRow(root: Locator, name: string): Locator {
  return root.locator(`[data-mlflow-kernelspec="${name}"]`);
}

/** The row of an environment. */
export function environmentRow(root: Locator, python: string): Locator {
  return root.locator(`[data-mlflow-interpreter="${prefixOf(python)}"]`);
}
