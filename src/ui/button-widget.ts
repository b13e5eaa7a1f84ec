import type { Message } from '@lumino/messaging';
import { type ISignal, Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

/** A widget that is one button, which opens more. */
export class ButtonWidget extends Widget {
  /** @param block - begins the class names of the widget and its button. */
  constructor(block: string) {
    super();
    this.addClass(block);
    this._button.type = 'button';
    this._button.className = `${block}-button`;
    this._button.setAttribute('aria-haspopup', 'dialog');
    this.node.append(this._button);
  }

  /** The person wants to know more. */
  get asked(): ISignal<this, void> {
    return this._asked;
  }

  get button(): HTMLButtonElement {
    return this._button;
  }

  override dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._button.addEventListener('click', this._onClick);
  }

  protected override onBeforeDetach(msg: Message): void {
    this._button.removeEventListener('click', this._onClick);
    super.onBeforeDetach(msg);
  }

  private readonly _onClick = (): void => {
    this._asked.emit();
  };

  private readonly _button = document.createElement('button');
  private readonly _asked = new Signal<this, void>(this);
}
