import { ArrayExt } from '@lumino/algorithm';
import type { ISignal } from '@lumino/signaling';
import type { RunColumns } from './store';

/** Runs in an order: all that are loaded, or some of them. */
export type RunOrder = Pick<
  RunColumns,
  'rows' | 'length' | 'version' | 'changed' | 'slotAt' | 'idAt' | 'rowOf'
>;

/** The loaded runs without those that are hidden, in the same order. Follows the columns by itself. */
export class ShownRuns implements RunOrder {
  /** @param _isHidden - is asked again with every change; null for a listing of which nothing is hidden now. */
  constructor(
    private readonly _all: RunColumns,
    private readonly _isHidden: (
      columns: RunColumns
    ) => ((slot: number) => boolean) | null
  ) {}

  get rows(): RunColumns['rows'] {
    return this._all.rows;
  }

  get length(): number {
    return this._shown.length;
  }

  get version(): number {
    return this._all.version;
  }

  get changed(): ISignal<unknown, void> {
    return this._all.changed;
  }

  slotAt(row: number): number {
    return this._all.slotAt(this._shown[row]);
  }

  idAt(row: number): string {
    return this._all.idAt(this._shown[row]);
  }

  /** The row of a run, or -1; also for one that is hidden. */
  rowOf(runId: string): number {
    const place = this._all.rowOf(runId);
    const row = ArrayExt.lowerBound(this._shown, place, (a, b) => a - b);
    return this._shown[row] === place ? row : -1;
  }

  /** Where a row stands among all that are loaded; the last one stands for the hidden ones behind it, too. */
  placeOf(row: number): number {
    return row >= this.length - 1 ? this._all.length - 1 : this._shown[row];
  }

  /** Places of the shown ones among all, growing. */
  private get _shown(): Int32Array {
    if (this._at !== this._all.version) {
      this._at = this._all.version;
      const isHidden = this._isHidden(this._all);
      const places = new Int32Array(this._all.length);
      let count = 0;
      for (let row = 0; row < this._all.length; row++) {
        if (isHidden === null || !isHidden(this._all.slotAt(row))) {
          places[count++] = row;
        }
      }
      this._places = places.subarray(0, count);
    }
    return this._places;
  }

  private _at = -1;
  private _places = new Int32Array(0);
}
