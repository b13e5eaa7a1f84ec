import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { describeError } from './errors';

export interface NameQuestion {
  readonly title: string;
  readonly label: string;
  /** What stands in the field at first. */
  readonly value?: string;
  readonly placeholder?: string;
  readonly action: string;
  readonly trans: TranslationBundle;
  /** Why a name will not do, as a sentence; null if it will. */
  readonly check?: (name: string) => string | null;
  /** Does what the name is for. When it fails the dialog comes back, with the name and with the reason. */
  readonly submit: (name: string) => Promise<void>;
}

/** A field for a name, and why the last one would not do. */
class NameBody extends Widget implements Dialog.IBodyWidget<string> {
  constructor(question: NameQuestion, value: string, problem: string) {
    super();
    this.addClass('jp-mlflow-AskName');
    const label = document.createElement('label');
    label.textContent = question.label;
    this._input.className = 'jp-mod-styled';
    this._input.type = 'text';
    this._input.value = value;
    this._input.placeholder = question.placeholder ?? '';
    label.append(this._input);
    const alert = document.createElement('p');
    alert.className = 'jp-mlflow-AskName-problem';
    alert.setAttribute('role', 'alert');
    alert.textContent = problem;
    if (problem) {
      this._input.setAttribute('aria-invalid', 'true');
    }
    this.node.append(label, alert);
  }

  getValue(): string {
    return this._input.value.trim();
  }

  protected override onAfterAttach(): void {
    this._input.select();
  }

  private readonly _input = document.createElement('input');
}

/**
 * Asks for a name until it is accepted or the person gives up; nothing typed is lost on the way.
 *
 * @returns the name that was accepted; null when cancelled.
 */
export async function askName(question: NameQuestion): Promise<string | null> {
  const { trans } = question;
  let value = question.value ?? '';
  let problem = '';
  for (;;) {
    const result = await showDialog({
      title: question.title,
      body: new NameBody(question, value, problem),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.okButton({ label: question.action })
      ],
      focusNodeSelector: 'input'
    });
    if (!result.button.accept) {
      return null;
    }
    value = result.value ?? '';
    problem =
      value === ''
        ? trans.__('Type a name first.')
        : (question.check?.(value) ?? '');
    if (problem !== '') {
      continue;
    }
    try {
      await question.submit(value);
      return value;
    } catch (reason) {
      const { message, hint } = describeError(reason, trans);
      problem = [message, hint].filter(Boolean).join(' ');
    }
  }
}
