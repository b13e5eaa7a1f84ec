import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { type ISignal, Signal } from '@lumino/signaling';

/** How many columns of each kind a table has until somebody chooses. */
export interface ColumnLimits {
  readonly metrics: number;
  readonly params: number;
}

const DEFAULTS: ColumnLimits = { metrics: 3, params: 3 };

function asCount(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
    ? value
    : fallback;
}

/** The person's settings for lists and tables of runs; defaults until they are read, and where there are none. */
export class RunSettings {
  get limits(): ColumnLimits {
    return this._limits;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Takes the settings as they are now. */
  apply(values: ReadonlyPartialJSONObject): void {
    const { tableMetrics, tableParameters } = values;
    this._limits = {
      metrics: asCount(tableMetrics, DEFAULTS.metrics),
      params: asCount(tableParameters, DEFAULTS.params)
    };
    this._changed.emit();
  }

  private _limits = DEFAULTS;
  private readonly _changed = new Signal<this, void>(this);
}
