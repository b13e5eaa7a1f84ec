import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { createContext, useContext } from 'react';
import type { IViews } from '../ui/views';
import type { Execution } from './answers';
import type { RecorderApi } from './api';
import type { CellAsOfNow } from './replay';

/** Where a cell stands in an open notebook. */
export interface CellNow {
  /** Its code as it stands there now. */
  readonly source: string;
  /** Its outputs as they stand there now, as nbformat has them. */
  readonly outputs: () => ReadonlyArray<object>;
}

/** What the recorder's views do with notebooks that are open. */
export interface NotebookAccess {
  /** The cell in the open notebook; null where it is not there (any more). */
  now(path: string, cellId: string): CellNow | null;
  /** The code cells of the open notebook, from top to bottom; null where it is not open. */
  cells(path: string): ReadonlyArray<CellAsOfNow> | null;
  /**
   * Saves a notebook beside another one and opens it.
   *
   * @param make - is given the metadata of the other one: its kernel and language.
   * @returns its path.
   */
  save(path: string, make: (metadata: object) => object): Promise<string>;
  /** Inserts code into a new cell below that cell, else below the active one; it can be undone. False without the notebook. */
  insert(path: string, cellId: string | null, code: string): boolean;
  /** Opens the notebook and shows the cell; a sentence where it is not there. */
  show(execution: Execution): Promise<string | null>;
}

/** What the recorder's views work with; made once by the wiring. */
export interface RecorderServices {
  readonly api: RecorderApi;
  readonly views: Pick<IViews, 'open'>;
  readonly notebooks: NotebookAccess;
  /** Shows what ran up to an execution. */
  readonly showReplay: (execution: Execution) => void;
  /** Draws outputs, sanitized; null where there is none. */
  readonly rendermime: IRenderMimeRegistry | null;
}

const Context = createContext<RecorderServices | null>(null);

export const RecorderProvider = Context.Provider;

/** @throws Error outside of a `RecorderProvider`. */
export function useRecorder(): RecorderServices {
  const services = useContext(Context);
  if (!services) {
    throw new Error('useRecorder() needs a <RecorderProvider> around it');
  }
  return services;
}
