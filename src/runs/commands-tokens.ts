import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

/** A run of a tracking server. */
export interface RunRef {
  readonly serverId: string;
  readonly runId: string;
}

/**
 * The run that commands without arguments act on. Views that show runs say which one is meant: the one under the cursor
 * of a list that has the focus, the one of the page in front.
 */
export interface IRunTarget {
  /** The run that is meant now, or null. */
  readonly current: RunRef | null;
  /** Adds somebody who may know; who was added last is asked first. Dispose to leave. */
  add(find: () => RunRef | null): IDisposable;
  /** Tells that an answer may be another one, so that commands look again whether they are enabled. */
  notify(): void;
  readonly changed: ISignal<IRunTarget, void>;
}

export const IRunTarget = new Token<IRunTarget>(
  'jupyter-mlflow:IRunTarget',
  'The MLflow run that commands without arguments act on.'
);
