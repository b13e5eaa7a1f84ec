import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { lazy, Suspense, type ComponentType } from 'react';
import { ErrorBoundary } from '../ui/boundary';
import { TRANSLATION_DOMAIN, UiProvider, type UiServices } from '../ui/context';
import { LoadingState } from '../ui/states';
import { WidgetModel } from './model';
import type { IMlflowWidget, MlflowWidgetOptions } from './tokens';

/** Draws the widget of a model; imported with the first output. */
export type WidgetView = ComponentType<{ model: WidgetModel }>;

/** An output in a Lumino widget, which knows whether it is in sight. */
export class MlflowWidget extends ReactWidget implements IMlflowWidget {
  /**
   * @param load - imports the view; the same function for all widgets, so that they share it.
   */
  constructor(
    private readonly _ui: UiServices,
    private readonly _view: ReturnType<typeof lateWidgetView>,
    options: MlflowWidgetOptions
  ) {
    super();
    this.addClass('jp-mlflow-Widget');
    this._model = new WidgetModel(options);
  }

  setContent(content: unknown, isTrusted: boolean): void {
    this._model.setContent(content, isTrusted);
  }

  setSelected(runIds: ReadonlyArray<string>): void {
    this._model.select(runIds, false);
  }

  setLive(isLive: boolean): void {
    this._model.setLive(isLive);
  }

  protected render(): JSX.Element {
    const View = this._view;
    const trans = this._ui.translator.load(TRANSLATION_DOMAIN);
    return (
      <UiProvider services={this._ui} visible={true}>
        <ErrorBoundary>
          <Suspense
            fallback={<LoadingState label={trans.__('Loading')} lines={3} />}
          >
            <View model={this._model} />
          </Suspense>
        </ErrorBoundary>
      </UiProvider>
    );
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._observer ??= new IntersectionObserver(entries => {
      this._model.setVisible(entries.some(entry => entry.isIntersecting));
    });
    this._observer.observe(this.node);
  }

  protected override onBeforeDetach(msg: Message): void {
    this._observer?.disconnect();
    this._model.setVisible(false);
    super.onBeforeDetach(msg);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._observer?.disconnect();
      super.dispose();
      this._model.dispose();
    }
  }

  private readonly _model: WidgetModel;
  private _observer: IntersectionObserver | null = null;
}

/** The view of widgets, imported when the first one is drawn. */
export function lateWidgetView(load: () => Promise<WidgetView>) {
  return lazy(async () => ({ default: await load() }));
}
