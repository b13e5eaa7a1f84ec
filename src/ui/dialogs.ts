import { Dialog, InputDialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement } from 'react';

/**
 * Asks before something is destroyed; Cancel has the focus.
 *
 * @param options.title - a question: "Delete the run “x”?".
 * @param options.body - what will be lost, and whether it can be had back.
 * @param options.action - the verb on the button.
 */
export async function confirmDestructive(options: {
  title: string;
  body: string | ReactElement;
  action: string;
  trans: TranslationBundle;
}): Promise<boolean> {
  const result = await showDialog({
    title: options.title,
    body: options.body,
    buttons: [
      Dialog.cancelButton({ label: options.trans.__('Cancel') }),
      Dialog.warnButton({ label: options.action })
    ],
    defaultButton: 0
  });
  return result.button.accept;
}

/** Asks before something that costs time or room but destroys nothing; the action has the focus. */
export async function confirmAction(options: {
  title: string;
  body: string | ReactElement;
  action: string;
  trans: TranslationBundle;
}): Promise<boolean> {
  const result = await showDialog({
    title: options.title,
    body: options.body,
    buttons: [
      Dialog.cancelButton({ label: options.trans.__('Cancel') }),
      Dialog.okButton({ label: options.action })
    ]
  });
  return result.button.accept;
}

/** Asks for one line of text. @returns the text, trimmed; null when cancelled or left empty. */
export async function promptText(options: {
  title: string;
  label: string;
  value?: string;
  placeholder?: string;
  action: string;
  trans: TranslationBundle;
}): Promise<string | null> {
  const result = await InputDialog.getText({
    title: options.title,
    label: options.label,
    text: options.value ?? '',
    placeholder: options.placeholder,
    okLabel: options.action,
    cancelLabel: options.trans.__('Cancel'),
    selectionRange: options.value?.length
  });
  const text = result.button.accept ? (result.value ?? '').trim() : '';
  return text === '' ? null : text;
}
