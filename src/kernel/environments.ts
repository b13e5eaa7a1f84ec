import type { ISessionContext } from '@jupyterlab/apputils';
import type { Event } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';
import type { IKernelEnvironments, IKernelWatch } from './tokens';
import { KernelWatch, type KernelWatchOptions } from './watch';

/** Of Jupyter's event bus: the report of a kernel is another one now. */
export const REPORT_EVENT =
  'https://jupyter-mlflow.readthedocs.io/events/kernel_report/v1';

/** What has a kernel and can be the active widget. */
type KernelWidget = Widget & { readonly sessionContext: ISessionContext };

/** What is needed of `INotebookTracker` and `IConsoleTracker`. */
export interface KernelWidgets {
  readonly currentWidget: KernelWidget | null;
  readonly currentChanged: ISignal<unknown, unknown>;
  find(test: (widget: KernelWidget) => boolean): KernelWidget | undefined;
}

/** What is needed of the application's shell. */
export interface ShellFocus {
  readonly currentWidget: Widget | null;
  readonly currentChanged?: ISignal<unknown, unknown>;
}

export interface KernelEnvironmentsOptions extends Omit<
  KernelWatchOptions,
  'context'
> {
  readonly shell: ShellFocus;
  /** Notebooks first, then consoles; as far as this application has them. */
  readonly trackers: ReadonlyArray<KernelWidgets>;
  /** Jupyter's events; works without. */
  readonly events: Pick<Event.Stream, 'connect'> | null;
}

/** The watches of open notebooks and consoles, and which of them is the active one's. */
export class KernelEnvironments implements IKernelEnvironments {
  constructor(private readonly _options: KernelEnvironmentsOptions) {
    const { shell, trackers, events } = _options;
    shell.currentChanged?.connect(this._follow, this);
    for (const tracker of trackers) {
      tracker.currentChanged.connect(this._follow, this);
    }
    events?.connect(this._onEvent, this);
    this._follow();
  }

  get current(): IKernelWatch | null {
    return this._current;
  }

  get currentChanged(): ISignal<this, IKernelWatch | null> {
    return this._currentChanged;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  of(context: ISessionContext): IKernelWatch {
    let watch = this._watches.get(context);
    if (watch === undefined) {
      const { source, localPath } = this._options;
      watch = new KernelWatch({ context, source, localPath });
      this._watches.set(context, watch);
      context.disposed.connect(this._onContextDisposed, this);
    }
    return watch;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      for (const watch of this._watches.values()) {
        watch.dispose();
      }
      this._watches.clear();
      this._current = null;
      Signal.clearData(this);
    }
  }

  private _follow(): void {
    const widget = this._find();
    const context = widget?.sessionContext ?? null;
    const next =
      context === null || context.isDisposed ? null : this.of(context);
    this._widget = widget;
    if (next !== this._current) {
      this._current = next;
      this._currentChanged.emit(next);
    }
  }

  /** Looking at something else, such as a text file, leaves the notebook the active one. */
  private _find(): KernelWidget | null {
    const { shell, trackers } = this._options;
    const focused = shell.currentWidget;
    for (const wanted of [focused, this._widget]) {
      for (const tracker of trackers) {
        const found = tracker.find(each => each === wanted && !each.isDisposed);
        if (found) {
          return found;
        }
      }
    }
    for (const { currentWidget } of trackers) {
      if (currentWidget && !currentWidget.isDisposed) {
        return currentWidget;
      }
    }
    return null;
  }

  private _onContextDisposed(context: ISessionContext): void {
    const watch = this._watches.get(context);
    this._watches.delete(context);
    watch?.dispose();
    if (watch === this._current) {
      this._follow();
    }
  }

  private _onEvent(_: unknown, event: Event.Emission): void {
    const { schema_id, kernel_id } = event;
    if (schema_id === REPORT_EVENT && typeof kernel_id === 'string') {
      for (const watch of this._watches.values()) {
        watch.hear(kernel_id);
      }
    }
  }

  private _isDisposed = false;
  private _current: IKernelWatch | null = null;
  private _widget: KernelWidget | null = null;
  private readonly _watches = new Map<ISessionContext, KernelWatch>();
  private readonly _currentChanged = new Signal<this, IKernelWatch | null>(
    this
  );
}
