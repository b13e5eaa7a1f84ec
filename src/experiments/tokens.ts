import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

/** Which server's selection became which experiment. */
export interface SelectionChange {
  readonly serverId: string;
  readonly experimentId: string | null;
}

/**
 * The experiment whose runs the panel shows, one for each server, remembered between sessions.
 * Knows ids only: an experiment that was deleted meanwhile stays selected until somebody finds out and selects another.
 */
export interface ISelectedExperiment {
  /** The id of the selected experiment; null for none, and until what was remembered has been read. */
  get(serverId: string): string | null;
  select(serverId: string, experimentId: string | null): void;
  /** Whether what was remembered has been read. Reading begins with the first `get`, and `changed` tells its end. */
  readonly isRestored: boolean;
  /** A selection is another one, or what was remembered has been read. */
  readonly changed: ISignal<ISelectedExperiment, SelectionChange | null>;
}

export const ISelectedExperiment = new Token<ISelectedExperiment>(
  'jupyter-mlflow:ISelectedExperiment',
  'The experiment that is selected in the MLflow panel, for each server.'
);
