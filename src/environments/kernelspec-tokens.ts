import { Token } from '@lumino/coreutils';
import type { KernelHolder } from './tokens';

/** Repairs and removes kernelspecs, each after a question that names the file or the folder; errors are shown, nothing rejects. */
export interface IKernelspecActions {
  /** Lets the person choose which interpreter the kernelspec should start, and writes it. */
  repair(name: string, on: KernelHolder | null): Promise<void>;
  /** @param resourceDir - its folder; null for the one that Jupyter uses. */
  remove(
    name: string,
    resourceDir: string | null,
    on: KernelHolder | null
  ): Promise<void>;
}

export const IKernelspecActions = new Token<IKernelspecActions>(
  'jupyter-mlflow:IKernelspecActions',
  'Repairs and removes kernelspecs.'
);
