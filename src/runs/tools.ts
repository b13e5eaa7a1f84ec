import { Token } from '@lumino/coreutils';
import type { RunActions } from './actions';
import type { RunMemory } from './memory';
import type { RunSettings } from './settings';

/** What the list and the table of runs share. */
export interface RunTools {
  /** Imported when first used. */
  readonly actions: () => Promise<RunActions>;
  readonly memory: RunMemory;
  readonly settings: RunSettings;
}

export const IRunTools = new Token<RunTools>(
  'jupyter-mlflow:IRunTools',
  'Actions on runs, and what views of runs remember.'
);
