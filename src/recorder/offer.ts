import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { NotebookRecording } from './notebook-recording';
import { isOn } from './words';

/**
 * Asks the person, once in all, whether code and outputs are to be kept. Called when a cell that begins runs has run.
 *
 * @param settings - shows what can be decided.
 * @returns whether it asked.
 */
export function offerToKeep(
  recording: NotebookRecording,
  trans: TranslationBundle,
  settings: () => void
): boolean {
  const known = recording.view.recording;
  if (known === null || known.offered || isOn(known) || !known.allowed.keep) {
    return false;
  }
  // Before the answer: a page that is closed meanwhile has asked, too.
  void recording.answerOffer();
  Notification.emit(
    trans.__(
      'Keep the code and outputs of your cells on this machine for %1 days? Nothing is sent.',
      known.allowed.retention.days
    ),
    'default',
    {
      autoClose: false,
      actions: [
        {
          label: trans.__('Keep them'),
          displayType: 'accent',
          callback: () =>
            void recording.choose('personal', {
              keep: true,
              send: 'nothing',
              target: null
            })
        },
        { label: trans.__('No'), callback: () => undefined },
        { label: trans.__('More…'), callback: settings }
      ]
    }
  );
  return true;
}
