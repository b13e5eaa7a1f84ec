import { Dialog } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import type { ReactElement } from 'react';
// Dialogs open without a view around them: the styles come along.
import '../../style/views.css';
import { UiProvider, type UiServices } from './context';

/** A dialog whose buttons stand in its body, so that Enter and the arrow keys are the body's. */
class BodyDialog extends Dialog<void> {
  protected override _evtKeydown(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      super._evtKeydown(event);
    }
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    document.addEventListener('keydown', this._onStrayKey);
    // Without buttons of its own a dialog leaves the focus behind itself, where Escape does not reach it.
    const content = this.node.querySelector<HTMLElement>('.jp-Dialog-content');
    if (content && !this.node.contains(document.activeElement)) {
      content.tabIndex = -1;
      content.focus();
    }
  }

  protected override onAfterDetach(msg: Message): void {
    document.removeEventListener('keydown', this._onStrayKey);
    super.onAfterDetach(msg);
  }

  /** A form that gives way to a job takes the focus with it: Escape closes then, too. */
  private readonly _onStrayKey = (event: KeyboardEvent): void => {
    if (document.activeElement === document.body) {
      this._evtKeydown(event);
    }
  };
}

/**
 * Shows `render` in a modal dialog until it is closed, by itself or by the person.
 *
 * @param render - is given what closes the dialog.
 */
export async function showInDialog(
  ui: UiServices,
  title: string,
  render: (close: () => void) => ReactElement
): Promise<void> {
  const close = (): void => {
    dialog.reject();
  };
  const body = ReactWidget.create(
    <UiProvider services={ui} visible>
      {render(close)}
    </UiProvider>
  );
  body.addClass('jp-mlflow-Wizard');
  const dialog = new BodyDialog({ title, body, buttons: [], hasClose: true });
  await dialog.launch();
}
