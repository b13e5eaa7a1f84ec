import { type IRunSink, type RunInfo } from '../mlflow';
import { type RunTable } from './store-rows';

/** JSON histories of models, kilobytes each, that no list can show. */
const UNREADABLE_TAGS: ReadonlySet<string> = new Set([
  'mlflow.log-model.history',
  'mlflow.loggedArtifacts'
]);

/**
 * One answer of `runs/search` on its way into the columns. It writes into slots that nobody sees yet: a store takes them
 * over when the answer was read to its end, or `discard` gives them back.
 */
export class RunPage implements IRunSink {
  constructor(private readonly _rows: RunTable) {}

  /** The slots of the answer's runs, in its order; each run once. */
  get slots(): ReadonlyArray<number> {
    return this._slots;
  }

  /** How many runs the answer had. */
  get size(): number {
    return this._size;
  }

  get nextPageToken(): string | null {
    return this._nextPageToken;
  }

  /** Whether the answer was read to its end. */
  get isWhole(): boolean {
    return this._isWhole;
  }

  begin(count: number): void {
    this._size = count;
  }

  run(info: RunInfo): void {
    // A run that moves while the server reads can be in one answer twice: the last one counts.
    const before = this._byId.get(info.id);
    if (before !== undefined) {
      this._slots.splice(this._slots.indexOf(before), 1);
      this._rows.free(before);
    }
    this._slot = this._rows.take(info);
    this._byId.set(info.id, this._slot);
    this._slots.push(this._slot);
  }

  param(key: string, value: string): void {
    this._rows.params.column(key).set(this._slot, value);
  }

  metric(key: string, value: number): void {
    this._rows.metrics.column(key).set(this._slot, value);
  }

  tag(key: string, value: string): void {
    if (!UNREADABLE_TAGS.has(key)) {
      this._rows.tags.column(key).set(this._slot, value);
    }
  }

  end(nextPageToken: string | null): void {
    this._nextPageToken = nextPageToken;
    this._isWhole = true;
  }

  /** Gives the slots back. */
  discard(): void {
    for (const slot of this._slots) {
      this._rows.free(slot);
    }
    this._slots = [];
    this._byId.clear();
  }

  private _slots: number[] = [];
  private readonly _byId = new Map<string, number>();
  private _slot = -1;
  private _size = 0;
  private _nextPageToken: string | null = null;
  private _isWhole = false;
}
