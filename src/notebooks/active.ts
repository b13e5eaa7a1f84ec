import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

/** A notebook that is open; replaced when it is renamed. */
export interface OpenNotebook {
  /** From Jupyter's root. */
  readonly path: string;
  /** The last part of the path. */
  readonly name: string;
}

/** The notebook that is used, or was used last, and whether its kernel does something. */
export class ActiveNotebook implements IDisposable {
  constructor(private readonly _tracker: INotebookTracker) {
    _tracker.currentChanged.connect(this._follow, this);
    this._follow();
  }

  /** Null where no notebook is open. */
  get current(): OpenNotebook | null {
    return this._current;
  }

  /** `current` is another one. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The kernel began or ended something. */
  get activityChanged(): ISignal<this, void> {
    return this._activityChanged;
  }

  /** Whether the kernel runs code, and a number that is another one whenever it did something. */
  get activity(): { readonly isBusy: boolean; readonly count: number } {
    const status = this._panel?.sessionContext.session?.kernel?.status;
    return { isBusy: status === 'busy', count: this._count };
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      Signal.clearData(this);
    }
  }

  private _follow(): void {
    const panel = this._tracker.currentWidget;
    if (panel === this._panel) {
      return;
    }
    const before = this._panel;
    if (before && !before.isDisposed) {
      before.context.pathChanged.disconnect(this._read, this);
      before.sessionContext.statusChanged.disconnect(this._onStatus, this);
    }
    this._panel = panel;
    panel?.context.pathChanged.connect(this._read, this);
    panel?.sessionContext.statusChanged.connect(this._onStatus, this);
    this._count++;
    this._read();
  }

  private _read(): void {
    const path = this._panel?.context.localPath ?? null;
    if (path !== (this._current?.path ?? null)) {
      this._current =
        path === null
          ? null
          : { path, name: path.slice(path.lastIndexOf('/') + 1) };
      this._changed.emit();
    }
  }

  private _onStatus(): void {
    this._count++;
    this._activityChanged.emit();
  }

  private _panel: NotebookPanel | null = null;
  private _current: OpenNotebook | null = null;
  private _count = 0;
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _activityChanged = new Signal<this, void>(this);
}
