import { type ISignal, Signal } from '@lumino/signaling';
import type { TimeFormat } from './format';

/** What the person prefers in every view; follows the settings. */
export class UiPreferences {
  get timeFormat(): TimeFormat {
    return this._timeFormat;
  }
  set timeFormat(format: TimeFormat) {
    if (format !== this._timeFormat) {
      this._timeFormat = format;
      this._changed.emit();
    }
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  private _timeFormat: TimeFormat = 'relative';
  private readonly _changed = new Signal<this, void>(this);
}
