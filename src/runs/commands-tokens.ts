import { Token } from '@lumino/coreutils';
import type { RunTarget } from './target';

/** A run of a tracking server. */
export interface RunRef {
  readonly serverId: string;
  readonly runId: string;
}

/** The run that was used last: under the cursor of a list or table, or on the page in front. */
export const IRunTarget = new Token<RunTarget>(
  'jupyter-mlflow:IRunTarget',
  'The MLflow run that commands without arguments act on.'
);
