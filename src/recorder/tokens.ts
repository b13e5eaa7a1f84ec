import { Token } from '@lumino/coreutils';
import type { ComponentType } from 'react';

/** Shows executions that are kept on this machine. */
export interface IExecutionViews {
  /**
   * What draws an execution: its code, its outputs, its runs, and what came before it.
   *
   * @returns null where it is not kept here (any more), or the recorder is off.
   * @throws NetworkError without an answer.
   */
  view(
    executionId: string,
    signal?: AbortSignal
  ): Promise<ComponentType | null>;
}

export const IExecutionViews = new Token<IExecutionViews>(
  'jupyter-mlflow:IExecutionViews',
  'Shows executions of cells that are kept on this machine.'
);
