import { type ISignal, Signal } from '@lumino/signaling';
import type { ISelectedExperiment, SelectionChange } from './tokens';

/** Where selections are kept between sessions. */
export interface SelectionStore {
  /** Whatever was saved last; checked by the model. */
  fetch(): Promise<unknown>;
  save(selections: Readonly<Record<string, string>>): void;
}

/** The selected experiment of each server. What a person selects before the store has answered wins over the store. */
export class SelectedExperiment implements ISelectedExperiment {
  constructor(private readonly _store: SelectionStore) {}

  get isRestored(): boolean {
    return this._isRestored;
  }

  get changed(): ISignal<this, SelectionChange | null> {
    return this._changed;
  }

  get(serverId: string): string | null {
    this._restore();
    return this._selections.get(serverId) ?? null;
  }

  select(serverId: string, experimentId: string | null): void {
    this._restore();
    if (
      this._isRestored &&
      (this._selections.get(serverId) ?? null) === experimentId
    ) {
      return;
    }
    this._selections.set(serverId, experimentId);
    if (this._isRestored) {
      this._save();
    }
    this._changed.emit({ serverId, experimentId });
  }

  private _restore(): void {
    if (this._isRestoring) {
      return;
    }
    this._isRestoring = true;
    void this._store.fetch().then(
      saved => this._restored(saved),
      () => this._restored(null)
    );
  }

  private _restored(saved: unknown): void {
    const chosenMeanwhile = this._selections.size > 0;
    if (typeof saved === 'object' && saved !== null) {
      for (const [serverId, experimentId] of Object.entries(saved)) {
        if (
          typeof experimentId === 'string' &&
          !this._selections.has(serverId)
        ) {
          this._selections.set(serverId, experimentId);
        }
      }
    }
    this._isRestored = true;
    if (chosenMeanwhile) {
      this._save();
    }
    this._changed.emit(null);
  }

  private _save(): void {
    const kept: Record<string, string> = {};
    for (const [serverId, experimentId] of this._selections) {
      if (experimentId !== null) {
        kept[serverId] = experimentId;
      }
    }
    this._store.save(kept);
  }

  private _isRestoring = false;
  private _isRestored = false;
  /** Null where a person took the selection away: the store must not bring it back. */
  private readonly _selections = new Map<string, string | null>();
  private readonly _changed = new Signal<this, SelectionChange | null>(this);
}
