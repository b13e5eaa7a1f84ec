import { type ISignal, Signal } from '@lumino/signaling';
import type { LifecycleStage } from '../mlflow';
import { Drafts } from '../ui/drafts';
import {
  DEFAULT_SORT,
  SORT_FIELDS,
  type ExperimentSort,
  type SortField
} from './arrangement';

/** What the section shows; replaced as a whole, never changed. */
export interface ExperimentsView {
  readonly search: string;
  readonly stage: LifecycleStage;
  readonly sort: ExperimentSort;
  /** Whether the selected experiment's details stand below the list. */
  readonly details: boolean;
}

/** Where the sort is kept between sessions. */
export interface SortStore {
  fetch(): Promise<unknown>;
  save(sort: { by: SortField; descending: boolean }): void;
}

function asSort(saved: unknown): ExperimentSort | null {
  if (typeof saved !== 'object' || saved === null || !('by' in saved)) {
    return null;
  }
  const by = SORT_FIELDS.find(field => field === saved.by);
  return by === undefined
    ? null
    : { by, descending: 'descending' in saved && saved.descending === true };
}

/** The state of the section of experiments that outlives its drawing: a moved panel unmounts what it shows. */
export class ExperimentsModel {
  constructor(private readonly _store: SortStore) {}

  get view(): ExperimentsView {
    return this._view;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Descriptions and tags that are being edited. */
  readonly drafts = new Drafts();

  set(next: Partial<ExperimentsView>): void {
    if (next.sort) {
      this._store.save({ ...next.sort });
    }
    this._view = { ...this._view, ...next };
    this._changed.emit();
  }

  /** What belongs to one server alone is forgotten when another becomes current. */
  forgetServer(): void {
    this.set({ search: '', stage: 'active' });
  }

  /** Reads the sort of the last session, once. */
  async restore(): Promise<void> {
    if (this._isRestoring) {
      return;
    }
    this._isRestoring = true;
    const before = this._view.sort;
    const sort = asSort(await this._store.fetch().catch(() => null));
    if (sort && this._view.sort === before) {
      this._view = { ...this._view, sort };
      this._changed.emit();
    }
  }

  private _isRestoring = false;
  private _view: ExperimentsView = {
    search: '',
    stage: 'active',
    sort: DEFAULT_SORT,
    details: false
  };
  private readonly _changed = new Signal<this, void>(this);
}
