import { type ISignal, Signal } from '@lumino/signaling';
import { type RunLoader, NEWEST_FIRST } from './loader';
import { pollSize } from './loader-size';
import { type RunPage } from './store-page';

/** Runs asked for by id in one request: their ids make the filter long. */
const IDS_PER_REQUEST = 50;

/** More newest runs than this since the last look: the listing is read anew. */
const MOST_NEW = 500;

/** Runs that are over, and open ones out of sight, are looked at only in each so-many-th poll. */
const SLOW_EVERY = 5;

/** Open runs out of sight that one slow poll looks at. */
const OUT_OF_SIGHT = 20;

/** A whole listing of so few rows is read anew as soon as a run appears whose place only the server knows. */
const CHEAP_ROWS = 100;

/** How much a poll looks at. `all`: after a change of ours, or when somebody pressed Refresh. */
export type Thoroughness = 'usual' | 'all';

/** `attributes.run_id IN (…)`. MLflow's ids are hexadecimal; anything else could not be quoted. */
export function idFilter(runIds: ReadonlyArray<string>): string {
  return `attributes.run_id IN (${runIds.map(id => `'${id}'`).join(', ')})`;
}

function isQuotable(runId: string): boolean {
  return /^[\w-]+$/.test(runId);
}

/**
 * Keeps a listing up to date by the cheapest questions: the few newest runs, and by id the open ones among those that somebody
 * sees. Runs that the server does not give any more are forgotten.
 */
export class RunFollower {
  constructor(private readonly _loader: RunLoader) {}

  /** Runs that match the query but have no known place in its order: they appear when the listing is read anew. */
  get unplaced(): ReadonlySet<string> {
    return this._unplaced;
  }

  /** `unplaced` is another set. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /**
   * Notes which runs a view shows.
   *
   * @param view - any object that stands for the view; null `runIds` when it is gone.
   */
  look(view: object, runIds: ReadonlyArray<string> | null): void {
    if (runIds === null) {
      this._looks.delete(view);
    } else {
      this._looks.set(view, runIds);
    }
  }

  /** Runs came back that have their place anywhere: the next poll reads the listing anew. */
  expectMoved(): void {
    this._expectsMoved = true;
  }

  /** Reads the listing anew. @throws MlflowError, or the AbortError of the signal. */
  async reload(signal: AbortSignal): Promise<void> {
    await this._loader.reload(signal);
    this._setUnplaced([]);
    this._known = null;
    this._expectsMoved = false;
  }

  /**
   * One poll; the first one reads the first page.
   *
   * @throws MlflowError, or the AbortError of the signal.
   */
  async poll(
    signal: AbortSignal,
    thoroughness: Thoroughness = 'usual'
  ): Promise<void> {
    const loader = this._loader;
    if (!loader.isLoaded || this._expectsMoved) {
      await this.reload(signal);
      return;
    }
    // A run that was deleted or restored just now has its place anywhere: only reading anew finds it.
    if (
      thoroughness === 'all' &&
      (loader.query.viewType !== 'ACTIVE_ONLY' || loader.columns.length === 0)
    ) {
      await this.reload(signal);
      return;
    }
    const seen = await this._newest(signal);
    if (seen === null) {
      await this.reload(signal);
      return;
    }
    this._polls++;
    if (
      this._unplaced.size > 0 &&
      loader.isComplete &&
      loader.columns.length <= CHEAP_ROWS
    ) {
      await this.reload(signal);
      return;
    }
    await this._byId(this._wanted(seen, thoroughness), signal);
    loader.recovered();
  }

  /** Asks for the newest runs. @returns their ids; null when the listing has to be read anew. */
  private async _newest(
    signal: AbortSignal
  ): Promise<ReadonlySet<string> | null> {
    const { columns, isNewestFirst } = this._loader;
    for (let size = this._pollSize(); ; size *= 5) {
      const page = await this._loader.ask(
        { orderBy: [NEWEST_FIRST], maxResults: size },
        signal
      );
      const ids = page.slots.map(slot => columns.rows.id(slot));
      const isAll = page.nextPageToken === null || page.size < size;
      if (!isNewestFirst) {
        this._note(columns.update(page).added);
        return new Set(ids);
      }
      const gone = this._vanished(page, isAll);
      const known = ids.some(id => columns.rowOf(id) !== -1);
      if (known || columns.length === 0 || isAll) {
        columns.merge(page);
        columns.remove(gone);
        return new Set(ids);
      }
      page.discard();
      if (size * 5 > MOST_NEW) {
        return null;
      }
    }
  }

  /** Rows that would have to stand among the newest runs of the answer, and do not: deleted, or no longer matching. */
  private _vanished(page: RunPage, isAll: boolean): string[] {
    const { columns } = this._loader;
    const answered = new Set(page.slots.map(slot => columns.rows.id(slot)));
    const oldest = page.slots.reduce(
      (least, slot) =>
        Math.min(least, columns.rows.startTime(slot) ?? -Infinity),
      Infinity
    );
    const gone: string[] = [];
    for (let row = 0; row < columns.length; row++) {
      const slot = columns.slotAt(row);
      // Of equal times the answer may have cut some off.
      if (!isAll && (columns.rows.startTime(slot) ?? -Infinity) <= oldest) {
        break;
      }
      if (!answered.has(columns.rows.id(slot))) {
        gone.push(columns.rows.id(slot));
      }
    }
    return gone;
  }

  private async _byId(
    runIds: ReadonlyArray<string>,
    signal: AbortSignal
  ): Promise<void> {
    const { columns } = this._loader;
    for (let from = 0; from < runIds.length; from += IDS_PER_REQUEST) {
      const asked = runIds.slice(from, from + IDS_PER_REQUEST);
      const page = await this._loader.ask(
        { filter: idFilter(asked), maxResults: asked.length },
        signal
      );
      const answered = new Set(page.slots.map(slot => columns.rows.id(slot)));
      columns.update(page);
      columns.remove(asked.filter(id => !answered.has(id)));
    }
  }

  /** The runs to ask for by id: open ones in sight each time, the others now and then. */
  private _wanted(
    seen: ReadonlySet<string>,
    thoroughness: Thoroughness
  ): string[] {
    const { columns } = this._loader;
    const { rows } = columns;
    const wanted = new Set<string>();
    const slow = thoroughness === 'all' || this._polls % SLOW_EVERY === 0;
    for (const ids of this._looks.values()) {
      for (const id of ids) {
        const slot = columns.slotOf(id);
        if (slot !== undefined && (slow || rows.isOpen(slot))) {
          wanted.add(id);
        }
      }
    }
    if (slow && columns.length > 0) {
      let found = 0;
      for (
        let step = 0;
        step < columns.length && found < OUT_OF_SIGHT;
        step++
      ) {
        this._turn = (this._turn + 1) % columns.length;
        const slot = columns.slotAt(this._turn);
        if (rows.isOpen(slot)) {
          wanted.add(rows.id(slot));
          found++;
        }
      }
    }
    return [...wanted].filter(id => !seen.has(id) && isQuotable(id));
  }

  /**
   * Of the newest runs that are not loaded, those are new that the first look after a reload did not see. Where everything is
   * loaded, all of them are.
   */
  private _note(unknown: ReadonlyArray<string>): void {
    const { columns, isComplete } = this._loader;
    if (this._known === null) {
      this._known = new Set(isComplete ? [] : unknown);
    }
    const known = this._known;
    const fresh = unknown.filter(
      id => !known.has(id) && !this._unplaced.has(id)
    );
    const still = [...this._unplaced].filter(
      id => columns.slotOf(id) === undefined
    );
    if (fresh.length > 0 || still.length < this._unplaced.size) {
      this._setUnplaced([...still, ...fresh]);
    }
  }

  private _setUnplaced(runIds: ReadonlyArray<string>): void {
    if (runIds.length > 0 || this._unplaced.size > 0) {
      this._unplaced = new Set(runIds);
      this._changed.emit();
    }
  }

  private _pollSize(): number {
    const { rows, length } = this._loader.columns;
    if (length === 0) {
      return pollSize(1);
    }
    const slot = this._loader.columns.slotAt(0);
    let values = 0;
    for (const columns of [rows.metrics, rows.params, rows.tags]) {
      for (const column of columns.values()) {
        values += column.get(slot) === undefined ? 0 : 1;
      }
    }
    return pollSize(values);
  }

  private readonly _looks = new Map<object, ReadonlyArray<string>>();
  private _unplaced: ReadonlySet<string> = new Set();
  private _known: ReadonlySet<string> | null = null;
  private _expectsMoved = false;
  private _polls = 0;
  private _turn = -1;
  private readonly _changed = new Signal<this, void>(this);
}
