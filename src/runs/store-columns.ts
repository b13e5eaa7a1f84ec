/**
 * Columns that grow in chunks. A chunk exists only where a value is, so that a metric logged by one run in a hundred
 * thousand costs one chunk, and growing copies nothing.
 */

const CHUNK_BITS = 8;
const CHUNK_SIZE = 1 << CHUNK_BITS;
const MASK = CHUNK_SIZE - 1;

/** Bits of presence of a chunk: apart from the values, because NaN is a value. */
const PRESENCE_WORDS = CHUNK_SIZE >> 5;

interface NumberChunk {
  readonly values: Float64Array;
  readonly present: Uint32Array;
}

/** Doubles by slot, each present or not. */
export class NumberColumn {
  /** How many slots have a value. */
  get count(): number {
    return this._count;
  }

  get(slot: number): number | undefined {
    const chunk = this._chunks[slot >> CHUNK_BITS];
    const at = slot & MASK;
    return chunk !== undefined &&
      (chunk.present[at >> 5] & (1 << (at & 31))) !== 0
      ? chunk.values[at]
      : undefined;
  }

  set(slot: number, value: number): void {
    const index = slot >> CHUNK_BITS;
    let chunk = this._chunks[index];
    if (chunk === undefined) {
      chunk = {
        values: new Float64Array(CHUNK_SIZE),
        present: new Uint32Array(PRESENCE_WORDS)
      };
      this._chunks[index] = chunk;
    }
    const at = slot & MASK;
    const bit = 1 << (at & 31);
    if ((chunk.present[at >> 5] & bit) === 0) {
      chunk.present[at >> 5] |= bit;
      this._count++;
    }
    chunk.values[at] = value;
  }

  clear(slot: number): void {
    const chunk = this._chunks[slot >> CHUNK_BITS];
    const at = slot & MASK;
    const bit = 1 << (at & 31);
    if (chunk !== undefined && (chunk.present[at >> 5] & bit) !== 0) {
      chunk.present[at >> 5] &= ~bit;
      this._count--;
    }
  }

  same(a: number, b: number): boolean {
    return Object.is(this.get(a), this.get(b));
  }

  /** Sparse: a map, so that a late first value does not make an array of holes. */
  private readonly _chunks: Record<number, NumberChunk | undefined> = {};
  private _count = 0;
}

/** A dictionary is written anew once it holds so many texts more than twice the values that use it. */
const DICTIONARY_SLACK = 1024;

/** Texts by slot, kept once each: most parameters and tags repeat. */
export class TextColumn {
  get count(): number {
    return this._count;
  }

  get(slot: number): string | undefined {
    const code = this._chunks[slot >> CHUNK_BITS]?.[slot & MASK] ?? 0;
    return code === 0 ? undefined : this._texts[code - 1];
  }

  set(slot: number, text: string): void {
    const index = slot >> CHUNK_BITS;
    let chunk = this._chunks[index];
    if (chunk === undefined) {
      chunk = new Int32Array(CHUNK_SIZE);
      this._chunks[index] = chunk;
    }
    if (chunk[slot & MASK] === 0) {
      this._count++;
    }
    chunk[slot & MASK] = this._codeOf(text);
  }

  clear(slot: number): void {
    const chunk = this._chunks[slot >> CHUNK_BITS];
    if (chunk !== undefined && chunk[slot & MASK] !== 0) {
      chunk[slot & MASK] = 0;
      this._count--;
    }
  }

  same(a: number, b: number): boolean {
    return (
      (this._chunks[a >> CHUNK_BITS]?.[a & MASK] ?? 0) ===
      (this._chunks[b >> CHUNK_BITS]?.[b & MASK] ?? 0)
    );
  }

  /** Distinct texts, at most `limit`, in the order of their first appearance. */
  distinct(limit: number): string[] {
    return this._texts.slice(0, limit);
  }

  /** Forgets texts that no slot uses any more, once they are many: a tag that changes each second must not pile up. */
  compact(): void {
    if (this._texts.length <= 2 * this._count + DICTIONARY_SLACK) {
      return;
    }
    const old = this._texts;
    this._texts = [];
    this._codes.clear();
    for (const chunk of Object.values(this._chunks)) {
      for (let at = 0; chunk !== undefined && at < CHUNK_SIZE; at++) {
        if (chunk[at] !== 0) {
          chunk[at] = this._codeOf(old[chunk[at] - 1]);
        }
      }
    }
  }

  private _codeOf(text: string): number {
    let code = this._codes.get(text);
    if (code === undefined) {
      code = this._texts.push(text);
      this._codes.set(text, code);
    }
    return code;
  }

  private readonly _chunks: Record<number, Int32Array | undefined> = {};
  private _texts: string[] = [];
  private readonly _codes = new Map<string, number>();
  private _count = 0;
}

/** Columns by key, in the order in which the keys were first seen. */
export class KeyedColumns<T extends NumberColumn | TextColumn> {
  constructor(private readonly _make: () => T) {}

  /** Replaced, never changed, when a key appears. */
  get keys(): ReadonlyArray<string> {
    if (this._keys.length !== this._columns.size) {
      this._keys = [...this._columns.keys()];
    }
    return this._keys;
  }

  get(key: string): T | undefined {
    return this._columns.get(key);
  }

  column(key: string): T {
    let column = this._columns.get(key);
    if (column === undefined) {
      column = this._make();
      this._columns.set(key, column);
    }
    return column;
  }

  clear(slot: number): void {
    for (const column of this._columns.values()) {
      column.clear(slot);
    }
  }

  same(a: number, b: number): boolean {
    for (const column of this._columns.values()) {
      if (!column.same(a, b)) {
        return false;
      }
    }
    return true;
  }

  values(): IterableIterator<T> {
    return this._columns.values();
  }

  private readonly _columns = new Map<string, T>();
  private _keys: ReadonlyArray<string> = [];
}
