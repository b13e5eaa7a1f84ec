/** Reads anew whenever something is said to be stale, one reading at a time: many events cost as many as fit one after the other. */
export class Reader {
  /** @param _read - ends by itself when nobody wants it any more. */
  constructor(private readonly _read: () => Promise<void>) {}

  /** Resolves when what was stale has been read. @throws what the reading throws. */
  async stale(): Promise<void> {
    this._isStale = true;
    if (this._isReading) {
      return;
    }
    this._isReading = true;
    try {
      while (this._isStale) {
        this._isStale = false;
        await this._read();
      }
    } finally {
      this._isReading = false;
    }
  }

  private _isStale = false;
  private _isReading = false;
}
