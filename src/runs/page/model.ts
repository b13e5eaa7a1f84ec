import { type ISignal, Signal } from '@lumino/signaling';
import { Drafts } from '../../ui/drafts';
import type { RunRef } from '../commands-tokens';

/** How a table of parameters or metrics is looked at. */
export interface TableView {
  readonly search: string;
  readonly by: 'key' | 'value';
  readonly descending: boolean;
}

/** What is open and chosen on a run's page; replaced as a whole, never changed. */
export interface RunPageView {
  readonly tables: Readonly<Record<string, TableView>>;
  /** Folders that are open, as `<source>:<path>`. */
  readonly folders: ReadonlySet<string>;
}

/** Sections that are folded on every run's page. */
export class Folds {
  constructor(private readonly _store: FoldStore) {}

  get folded(): ReadonlySet<string> {
    return this._folded;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  toggle(section: string): void {
    const next = new Set(this._folded);
    if (!next.delete(section)) {
      next.add(section);
    }
    this._folded = next;
    this._store.save([...next]);
    this._changed.emit();
  }

  /** Reads what was folded in the last session, once. */
  async restore(): Promise<void> {
    if (this._isRestoring) {
      return;
    }
    this._isRestoring = true;
    const before = this._folded;
    const saved = await this._store.fetch().catch(() => null);
    if (Array.isArray(saved) && this._folded === before) {
      this._folded = new Set(
        saved.filter((one): one is string => typeof one === 'string')
      );
      this._changed.emit();
    }
  }

  private _isRestoring = false;
  private _folded: ReadonlySet<string> = new Set([
    'system-tags',
    'system-metrics'
  ]);
  private readonly _changed = new Signal<this, void>(this);
}

export interface FoldStore {
  fetch(): Promise<unknown>;
  save(folded: string[]): void;
}

export const PLAIN_TABLE: TableView = {
  search: '',
  by: 'key',
  descending: false
};

/** The state of one run's page, kept while the page is drawn, moved and drawn again. */
export class RunPageModel {
  /** Description and tags that are being edited. */
  readonly drafts = new Drafts();

  get view(): RunPageView {
    return this._view;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  setTable(id: string, next: Partial<TableView>): void {
    const table = { ...(this._view.tables[id] ?? PLAIN_TABLE), ...next };
    this._set({ tables: { ...this._view.tables, [id]: table } });
  }

  setFolder(folder: string, open: boolean): void {
    const folders = new Set(this._view.folders);
    if (open) {
      folders.add(folder);
    } else {
      folders.delete(folder);
    }
    this._set({ folders });
  }

  private _set(next: Partial<RunPageView>): void {
    this._view = { ...this._view, ...next };
    this._changed.emit();
  }

  private _view: RunPageView = { tables: {}, folders: new Set() };
  private readonly _changed = new Signal<this, void>(this);
}

/** Pages that were looked at last; older ones begin anew. */
const KEPT_PAGES = 50;

/** The states of run pages, by run. */
export class RunPages {
  constructor(readonly folds: Folds) {}

  of(ref: RunRef): RunPageModel {
    const key = `${ref.serverId}/${ref.runId}`;
    const model = this._models.get(key) ?? new RunPageModel();
    // The one that was used last stands last.
    this._models.delete(key);
    this._models.set(key, model);
    if (this._models.size > KEPT_PAGES) {
      const [oldest] = this._models.keys();
      this._models.delete(oldest);
    }
    return model;
  }

  private readonly _models = new Map<string, RunPageModel>();
}
