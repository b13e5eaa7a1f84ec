import { type ISignal, Signal } from '@lumino/signaling';
import { RunPage } from './store-page';
import { RunTable } from './store-rows';

/** What taking over an answer did. */
export interface Merged {
  /** Ids of runs that were not known before. */
  readonly added: ReadonlyArray<string>;
  /** How many known runs have other values now. */
  readonly changed: number;
  /** Whether the answer had a run that was in the list already: then nothing can lie unseen between. */
  readonly overlaps: boolean;
}

/** A growing array of slots. */
class SlotList {
  length = 0;

  at(index: number): number {
    return this._slots[index];
  }

  set(index: number, slot: number): void {
    this._slots[index] = slot;
  }

  push(slot: number): void {
    if (this.length === this._slots.length) {
      const grown = new Int32Array(Math.max(64, Math.ceil(this.length * 1.5)));
      grown.set(this._slots);
      this._slots = grown;
    }
    this._slots[this.length++] = slot;
  }

  private _slots = new Int32Array(0);
}

/**
 * The runs of one listing, column by column, in the order of the server. Beside them it may hold runs that stand in no
 * order of the server's: parents and children that were asked for by themselves.
 *
 * Filled by `page()`, which an answer is decoded into, and then one of `append`, `merge`, `update`, `addAside` or `replace`.
 */
export class RunColumns {
  readonly rows = new RunTable();

  /** Rows in the order of the server. */
  get length(): number {
    return this._order.length;
  }

  /** Grows with every change. */
  get version(): number {
    return this._version;
  }

  get changed(): ISignal<unknown, void> {
    return this._changed;
  }

  /** Slots of runs beside the order. */
  get aside(): ReadonlySet<number> {
    return this._aside;
  }

  slotAt(row: number): number {
    return this._order.at(row);
  }

  idAt(row: number): string {
    return this.rows.id(this._order.at(row));
  }

  /** The slot of a run in the order or beside it, or undefined. */
  slotOf(runId: string): number | undefined {
    return this._slots.get(runId);
  }

  /** The row of a run in the order, or -1. */
  rowOf(runId: string): number {
    const slot = this._slots.get(runId);
    if (slot === undefined || this._aside.has(slot)) {
      return -1;
    }
    if (this._ranks === null) {
      this._ranks = new Int32Array(this.rows.capacity).fill(-1);
      for (let row = 0; row < this._order.length; row++) {
        this._ranks[this._order.at(row)] = row;
      }
    }
    return this._ranks[slot] ?? -1;
  }

  /** Where an answer is decoded into. Give it to one of the methods below, or `discard()` it. */
  page(): RunPage {
    return new RunPage(this.rows);
  }

  /** Takes runs to the end of the order. Known ones keep their place. */
  append(page: RunPage): Merged {
    const { fresh, merged } = this._adopt(page, true);
    for (const slot of fresh) {
      this._order.push(slot);
    }
    this._ranks = fresh.length > 0 ? null : this._ranks;
    this._emit(merged);
    return merged;
  }

  /**
   * Takes an answer in the order of this listing that may begin anywhere in it: each unknown run is put before the known
   * one that follows it in the answer, and behind the last known one at the end.
   */
  merge(page: RunPage): Merged {
    const sequence = page.slots.map(slot => this.rows.id(slot));
    const { fresh, merged } = this._adopt(page, true);
    if (fresh.length > 0) {
      const isFresh = new Set(fresh);
      const before = new Map<number, number[]>();
      let waiting: number[] = [];
      let lastKnown = -1;
      for (const id of sequence) {
        const slot = this._slots.get(id);
        if (slot === undefined) {
          continue;
        }
        if (isFresh.has(slot)) {
          waiting.push(slot);
        } else if (!this._aside.has(slot)) {
          before.set(slot, waiting);
          waiting = [];
          lastKnown = slot;
        }
      }
      const next = new SlotList();
      if (lastKnown === -1) {
        waiting.forEach(slot => next.push(slot));
      }
      for (let row = 0; row < this._order.length; row++) {
        const slot = this._order.at(row);
        before.get(slot)?.forEach(one => next.push(one));
        next.push(slot);
        if (slot === lastKnown) {
          waiting.forEach(one => next.push(one));
        }
      }
      this._order = next;
      this._ranks = null;
    }
    this._emit(merged);
    return merged;
  }

  /** Takes new values of known runs; `added` names the unknown ones, which are not taken. */
  update(page: RunPage): Merged {
    const unknown = page.slots.filter(
      slot => !this._slots.has(this.rows.id(slot))
    );
    const added = unknown.map(slot => this.rows.id(slot));
    const { merged } = this._adopt(page, false);
    const result = { ...merged, added };
    this._emit({ ...merged, added: [] });
    return result;
  }

  /** Takes runs that have no place in the order: parents and children asked for by themselves. */
  addAside(page: RunPage): Merged {
    const { fresh, merged } = this._adopt(page, true, true);
    for (const slot of fresh) {
      this._aside.add(slot);
    }
    this._emit(merged);
    return merged;
  }

  /** The runs of the answer instead of all others. */
  replace(page: RunPage): void {
    const { merged } = this._adopt(page, true);
    const kept = new SlotList();
    const keep = new Set<number>();
    for (const id of merged.sequence) {
      const slot = this._slots.get(id);
      if (slot !== undefined) {
        kept.push(slot);
        keep.add(slot);
      }
    }
    for (const [id, slot] of [...this._slots]) {
      if (!keep.has(slot)) {
        this._slots.delete(id);
        this.rows.free(slot);
      }
    }
    this._aside.clear();
    this._order = kept;
    this._ranks = null;
    this._bump();
  }

  /** Forgets runs. Unknown ids are ignored. */
  remove(runIds: Iterable<string>): void {
    const gone = new Set<number>();
    for (const id of runIds) {
      const slot = this._slots.get(id);
      if (slot !== undefined) {
        gone.add(slot);
        this._slots.delete(id);
        this._aside.delete(slot);
      }
    }
    if (gone.size === 0) {
      return;
    }
    const kept = new SlotList();
    for (let row = 0; row < this._order.length; row++) {
      const slot = this._order.at(row);
      if (!gone.has(slot)) {
        kept.push(slot);
      }
    }
    gone.forEach(slot => this.rows.free(slot));
    this._order = kept;
    this._ranks = null;
    this._bump();
  }

  /** Writes a name that the server took. */
  rename(runId: string, name: string): void {
    const slot = this._slots.get(runId);
    if (slot !== undefined && this.rows.name(slot) !== name) {
      this.rows.rename(slot, name);
      this._bump();
    }
  }

  /** Slots of an answer become runs of ours: known runs change place with their old slot where a value differs. */
  private _adopt(
    page: RunPage,
    takeUnknown: boolean,
    asideStays = false
  ): { fresh: number[]; merged: Merged & { sequence: string[] } } {
    const fresh: number[] = [];
    const added: string[] = [];
    const sequence: string[] = [];
    let changed = 0;
    let overlaps = false;
    for (const slot of page.slots) {
      const id = this.rows.id(slot);
      sequence.push(id);
      const old = this._slots.get(id);
      if (old === undefined) {
        if (takeUnknown) {
          this._slots.set(id, slot);
          fresh.push(slot);
          added.push(id);
        } else {
          this.rows.free(slot);
        }
        continue;
      }
      const wasAside = this._aside.has(old);
      if (takeUnknown && wasAside && !asideStays) {
        // The server's order reaches a run that stood beside it.
        this._aside.delete(old);
        this._slots.set(id, slot);
        this.rows.free(old);
        fresh.push(slot);
        changed++;
        continue;
      }
      overlaps ||= !wasAside;
      if (this.rows.same(old, slot)) {
        this.rows.free(slot);
      } else {
        this._exchange(id, old, slot, wasAside);
        changed++;
      }
    }
    return { fresh, merged: { added, changed, overlaps, sequence } };
  }

  private _exchange(
    id: string,
    old: number,
    slot: number,
    aside: boolean
  ): void {
    if (aside) {
      this._aside.delete(old);
      this._aside.add(slot);
    } else {
      const row = this.rowOf(id);
      this._order.set(row, slot);
      if (this._ranks !== null && slot < this._ranks.length) {
        this._ranks[slot] = row;
        this._ranks[old] = -1;
      } else {
        this._ranks = null;
      }
    }
    this._slots.set(id, slot);
    this.rows.free(old);
  }

  private _emit(merged: Merged): void {
    if (merged.added.length > 0 || merged.changed > 0) {
      this._bump();
    }
  }

  private _bump(): void {
    this.rows.compact();
    this._version++;
    this._changed.emit();
  }

  private _order = new SlotList();
  private _ranks: Int32Array | null = null;
  private readonly _slots = new Map<string, number>();
  private readonly _aside = new Set<number>();
  private _version = 0;
  private readonly _changed = new Signal<this, void>(this);
}
