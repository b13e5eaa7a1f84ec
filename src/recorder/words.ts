import type { TranslationBundle } from '@jupyterlab/translation';
import type { Execution, Outcome, Recording, Send } from './answers';
import type { RecordingView } from './notebook-recording';

/** Whether an execution is only here, on its way, in MLflow, or refused there. */
export type SendingState = 'kept' | 'waiting' | 'sent' | 'refused';

/** Where an execution is. */
export function sendingOf(execution: Execution): SendingState {
  switch (execution.sending) {
    case null:
    case 'dropped':
    // The cell's own runs are on no server that Jupyter reaches.
    case 'kept':
      return 'kept';
    case 'sent':
    case 'refused':
      return execution.sending;
    default:
      return 'waiting';
  }
}

/** Where an execution is, in words. */
export function sendingText(
  execution: Execution,
  trans: TranslationBundle
): string {
  const { keep } = execution;
  switch (sendingOf(execution)) {
    case 'kept':
      return keep
        ? trans.__('kept on this machine')
        : trans.__('neither kept nor sent');
    case 'waiting':
      return trans.__('not sent yet');
    case 'sent':
      return keep
        ? trans.__('sent to MLflow')
        : trans.__('not kept here; on the server');
    case 'refused':
      return trans.__('refused by MLflow');
  }
}

/** How a cell ended. */
export function outcomeText(
  outcome: Outcome,
  trans: TranslationBundle
): string {
  switch (outcome) {
    case 'running':
      return trans.__('Running');
    case 'ok':
      return trans.__('Ran to its end');
    case 'error':
      return trans.__('Failed');
    case 'interrupted':
      return trans.__('Interrupted');
    case 'killed':
      return trans.__('The kernel was killed');
    case 'unknown':
      return trans.__('Nobody saw how it ended');
  }
}

export function sendText(send: Send, trans: TranslationBundle): string {
  switch (send) {
    case 'nothing':
      return trans.__('Nothing');
    case 'runs':
      return trans.__('Code of my runs');
    case 'tagged':
      return trans.__('Cells with the tag “mlflow-record”');
    case 'all':
      return trans.__('Every cell');
  }
}

/**
 * The mark in a notebook's toolbar: its state and its words.
 *
 * @param isProposed - somebody proposes in the notebook to record it, and this person has not decided.
 */
export function markOf(
  view: RecordingView,
  trans: TranslationBundle,
  isProposed = false
): { state: string; text: string } {
  const { recording, problem } = view;
  if (view.state === 'off' || view.state === 'loading') {
    return { state: 'none', text: '' };
  }
  if (recording === null) {
    return { state: 'unknown', text: trans.__('Recording: not known') };
  }
  if (recording.refused > 0) {
    return {
      state: 'attention',
      text: recording.paused
        ? trans._n(
            'Recording paused: %1 cell refused',
            'Recording paused: %1 cells refused',
            recording.refused
          )
        : trans._n(
            'Recording: %1 cell refused',
            'Recording: %1 cells refused',
            recording.refused
          )
    };
  }
  if (problem !== null || recording.problems.length > 0) {
    return { state: 'attention', text: trans.__('Recording: a problem') };
  }
  if (!isOn(recording) && isProposed) {
    return { state: 'proposed', text: trans.__('Recording is proposed') };
  }
  if (!isOn(recording)) {
    return { state: 'off', text: trans.__('Not recorded') };
  }
  if (recording.paused) {
    return { state: 'paused', text: trans.__('Recording paused') };
  }
  const isSent = recording.send !== 'nothing';
  if (recording.waiting > 0) {
    return {
      state: 'on',
      text: trans.__('Recording · %1 not sent yet', recording.waiting)
    };
  }
  return {
    state: 'on',
    text: isSent ? trans.__('Recording → MLflow') : trans.__('Recording')
  };
}

export function isOn(recording: Recording): boolean {
  return recording.keep || recording.send !== 'nothing';
}
