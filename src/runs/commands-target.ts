import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import type { IRunTarget, RunRef } from './commands-tokens';

/** Asks those who may know which run is meant. */
export class RunTarget implements IRunTarget {
  get current(): RunRef | null {
    for (const find of this._finders) {
      const found = find();
      if (found) {
        return found;
      }
    }
    return null;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  add(find: () => RunRef | null): IDisposable {
    this._finders = [find, ...this._finders];
    return new DisposableDelegate(() => {
      this._finders = this._finders.filter(other => other !== find);
    });
  }

  notify(): void {
    this._changed.emit();
  }

  private _finders: ReadonlyArray<() => RunRef | null> = [];
  private readonly _changed = new Signal<this, void>(this);
}
