/** One thing for each id, made when it is first wanted. */
export class Kept<T> {
  constructor(private readonly _make: (id: string) => T) {}

  /** The same one for the same id. */
  of(id: string): T {
    let one = this._things.get(id);
    if (one === undefined) {
      one = this._make(id);
      this._things.set(id, one);
    }
    return one;
  }

  forget(id: string): void {
    this._things.delete(id);
  }

  private readonly _things = new Map<string, T>();
}
