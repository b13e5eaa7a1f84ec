import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import type { ReactNode } from 'react';
import { UiProvider, type UiServices } from './context';
import { useSignalValue } from './signals';

/**
 * A React view in a Lumino widget that mounts at its first show, not before, and tells its components whether it
 * is visible now.
 *
 * #### Notes
 * A plain `ReactWidget` in a hidden side panel mounts anyway, and would run the lazy imports and requests of its
 * components.
 */
export class ViewWidget extends ReactWidget {
  constructor(
    private readonly _services: UiServices,
    private readonly _content: () => ReactNode
  ) {
    super();
    this.addClass('jp-mlflow-View');
  }

  protected render(): JSX.Element | null {
    return this._shown ? <Shell widget={this} /> : null;
  }

  /** @internal for `Shell` */
  readonly visibleChanged = new Signal<this, void>(this);

  /** @internal for `Shell` */
  renderContent(visible: boolean): JSX.Element {
    return (
      <UiProvider services={this._services} visible={visible}>
        {this._content()}
      </UiProvider>
    );
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._follow();
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this._follow();
  }

  protected override onAfterHide(msg: Message): void {
    super.onAfterHide(msg);
    this._follow();
  }

  override dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }

  private _follow(): void {
    if (this.isVisible && !this._shown) {
      this._shown = true;
      this.update();
    }
    this.visibleChanged.emit();
  }

  private _shown = false;
}

function Shell(props: { widget: ViewWidget }): JSX.Element {
  const { widget } = props;
  const visible = useSignalValue(widget.visibleChanged, () => widget.isVisible);
  return widget.renderContent(visible);
}
