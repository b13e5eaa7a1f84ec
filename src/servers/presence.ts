import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

/** Without keyboard or mouse for so long, a person counts as away and nothing is polled. */
export const AWAY_AFTER_MS = 5 * 60 * 1000;

const INPUT_EVENTS = [
  'pointerdown',
  'pointermove',
  'keydown',
  'wheel',
  'touchstart'
] as const;

/** Whether somebody looks at this browser tab: it is visible, and was used in the last five minutes. */
export class Presence implements IDisposable {
  constructor(private readonly _document: Document = document) {
    this._document.addEventListener('visibilitychange', this._onVisibility);
    for (const name of INPUT_EVENTS) {
      this._document.addEventListener(name, this._onInput, {
        capture: true,
        passive: true
      });
    }
    this._arm();
  }

  get isPresent(): boolean {
    return this._active && this._document.visibilityState !== 'hidden';
  }

  get changed(): ISignal<this, boolean> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    if (this._disposed) {
      return;
    }
    this._disposed = true;
    clearTimeout(this._timer);
    this._document.removeEventListener('visibilitychange', this._onVisibility);
    for (const name of INPUT_EVENTS) {
      this._document.removeEventListener(name, this._onInput, {
        capture: true
      });
    }
    Signal.clearData(this);
  }

  private readonly _onVisibility = (): void => {
    // Whoever comes back to the tab is there, though the click on it was not in this document.
    if (this._document.visibilityState !== 'hidden') {
      this._onInput();
    }
    this._emit();
  };

  private readonly _onInput = (): void => {
    // Mouse moves come by the hundred: note the time, and let the one timer look at it when it fires.
    this._lastInput = Date.now();
    if (!this._active) {
      this._active = true;
      this._arm();
      this._emit();
    }
  };

  private _arm(): void {
    const rest = this._lastInput + AWAY_AFTER_MS - Date.now();
    if (rest <= 0) {
      this._active = false;
      this._emit();
      return;
    }
    this._timer = setTimeout(() => {
      this._arm();
    }, rest);
  }

  private _emit(): void {
    if (this._last !== this.isPresent) {
      this._last = this.isPresent;
      this._changed.emit(this._last);
    }
  }

  private _lastInput = Date.now();
  private _active = true;
  private _last = true;
  private _disposed = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private readonly _changed = new Signal<this, boolean>(this);
}
