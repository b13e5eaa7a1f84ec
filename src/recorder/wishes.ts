import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { type ISignal, Signal } from '@lumino/signaling';
import type { RecorderSettings } from './settings.generated';

/** What the person wants to see of the recorder; the defaults until the settings are read. */
export class RecorderWishes {
  get current(): Required<RecorderSettings> {
    return this._current;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** @param values - checked by nobody but the schema. */
  take(values: ReadonlyPartialJSONObject): void {
    this._current = {
      badges: values.badges !== false,
      offer: values.offer !== false
    };
    this._changed.emit();
  }

  private _current: Required<RecorderSettings> = { badges: true, offer: true };
  private readonly _changed = new Signal<this, void>(this);
}
