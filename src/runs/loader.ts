import { type ISignal, Signal } from '@lumino/signaling';
import { type IRunSink, type RunSearch } from '../mlflow';
import { PageSize } from './loader-size';
import { isOffsetToken, offsetToken } from './loader-token';
import { RunColumns } from './store';
import { type RunPage } from './store-page';
import { type RunQuery } from './tokens';

/** The one method of the client that a listing needs; a test replaces it. */
export interface RunSource {
  searchInto(
    sink: IRunSink,
    search: RunSearch,
    signal?: AbortSignal
  ): Promise<void>;
}

/** Rows that are loaded beyond the last one a person sees. */
const AHEAD = 50;

/** Steps back for a lost anchor before the listing is read anew. */
const MOST_STEPS_BACK = 8;

export const NEWEST_FIRST = 'attributes.start_time DESC';

/** `order_by` of a query. Ties are broken by time and id, so that pages do not overlap. */
export function orderBy(query: RunQuery): string[] {
  if (query.order === null) {
    return [NEWEST_FIRST];
  }
  const first = `${query.order.by} ${query.order.descending ? 'DESC' : 'ASC'}`;
  return first.startsWith('attributes.start_time')
    ? [first]
    : [first, NEWEST_FIRST];
}

/**
 * Reads the runs of a query into columns, page after page, as far as somebody looks.
 *
 * #### Notes
 * Tokens are offsets, so rows move while runs come and go. Each page therefore begins with the last row that is known: finding it
 * (or any known row) in the answer proves that nothing lies unseen between; known rows are not taken twice. Where runs vanished
 * before it, the page is asked for again from further up.
 */
export class RunLoader {
  constructor(
    readonly query: RunQuery,
    private readonly _source: RunSource,
    private readonly _now: () => number = () => performance.now()
  ) {}

  readonly columns = new RunColumns();

  /** Whether the first page has been read. */
  get isLoaded(): boolean {
    return this._isLoaded;
  }

  /** Whether the server has no more rows than are loaded. */
  get isComplete(): boolean {
    return this._isComplete;
  }

  get isLoadingMore(): boolean {
    return this._loading !== null;
  }

  /** Why the next page could not be read; it is asked for again by `retry`, or when the server has answered another question. */
  get moreError(): Error | null {
    return this._moreError;
  }

  /** Any of the states above changed; the columns have a signal of their own. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Whether the order is that of time, newest first: then new runs have their place at the top. */
  get isNewestFirst(): boolean {
    const { order } = this.query;
    return (
      order === null ||
      (order.by === 'attributes.start_time' && order.descending)
    );
  }

  /**
   * Reads the first page, or reads it anew: what was loaded stays until the answer has come, and then gives way to it.
   *
   * @throws MlflowError, or the AbortError of the signal.
   */
  async reload(signal: AbortSignal): Promise<void> {
    const rows = this._isLoaded
      ? Math.max(this._size.next, Math.min(this.columns.length, 100))
      : this._size.next;
    const page = await this._askPage({ maxResults: rows }, signal);
    this.stop();
    this.columns.replace(page);
    this._isLoaded = true;
    this._token = page.nextPageToken;
    this._offset = 0;
    this._isComplete = page.nextPageToken === null || page.size < rows;
    this._moreError = null;
    this._changed.emit();
  }

  /** Loads on until `row` and some rows beyond are there. Does nothing while a page is on its way, after the end or an error. */
  want(row: number): void {
    this._wanted = row;
    if (
      this._isLoaded &&
      !this._isComplete &&
      this._loading === null &&
      this._moreError === null &&
      row + AHEAD > this.columns.length
    ) {
      void this._more();
    }
  }

  /** Asks again for the page that failed. */
  retry(): void {
    this._moreError = null;
    this._changed.emit();
    this.want(Math.max(this._wanted, this.columns.length));
  }

  /** The server has answered: what failed before may work again. */
  recovered(): void {
    if (this._moreError !== null) {
      this._moreError = null;
      this._changed.emit();
    }
  }

  /** Abandons the page that is on its way. */
  stop(): void {
    this._loading?.abort();
    this._loading = null;
  }

  /**
   * One question about the runs of this query, decoded into a page for the columns; `search` overrides the query.
   *
   * @throws MlflowError, or the AbortError of the signal. Nothing is left in the columns then.
   */
  async ask(search: Partial<RunSearch>, signal: AbortSignal): Promise<RunPage> {
    const page = this.columns.page();
    try {
      await this._source.searchInto(
        page,
        {
          experimentIds: this.query.experimentIds,
          filter: this.query.filter || undefined,
          orderBy: orderBy(this.query),
          viewType: this.query.viewType,
          ...search
        },
        signal
      );
      if (signal.aborted) {
        throw new DOMException('The request was aborted.', 'AbortError');
      }
    } catch (reason) {
      page.discard();
      throw reason;
    }
    return page;
  }

  /** A page of rows, from whose time the next size follows. */
  private async _askPage(
    search: Partial<RunSearch>,
    signal: AbortSignal
  ): Promise<RunPage> {
    const start = this._now();
    const page = await this.ask(search, signal);
    this._size.record(page.size, this._now() - start);
    return page;
  }

  private async _more(): Promise<void> {
    const mine = (this._loading = new AbortController());
    this._changed.emit();
    let error: Error | null = null;
    try {
      await this._readOn(mine);
    } catch (reason) {
      error = reason instanceof Error ? reason : new Error(String(reason));
    }
    if (this._loading !== mine) {
      return;
    }
    this._loading = null;
    this._moreError = error;
    this._changed.emit();
    this.want(this._wanted);
  }

  private async _readOn(mine: AbortController): Promise<void> {
    const size = this._size.next;
    const foreign = this._token !== null && !isOffsetToken(this._token);
    let offset = Math.max(0, this.columns.length - 1, this._offset);
    for (let step = 0; ; step++) {
      const page = await this._askPage(
        {
          maxResults: size,
          pageToken: foreign ? (this._token ?? undefined) : offsetToken(offset)
        },
        mine.signal
      );
      if (this._loading !== mine) {
        page.discard();
        return;
      }
      const isLast = page.nextPageToken === null || page.size < size;
      const anchored =
        foreign ||
        page.slots.some(
          slot => this.columns.rowOf(this.columns.rows.id(slot)) !== -1
        );
      if (!anchored) {
        page.discard();
        if (offset === 0 || step === MOST_STEPS_BACK) {
          // Nothing that we know is where it was: begin anew rather than show a list with a hole.
          await this.reload(mine.signal);
          return;
        }
        offset = Math.max(0, offset - size * 2 ** step);
        continue;
      }
      const before = this.columns.length;
      const begins =
        page.size > 0 &&
        this.columns.rowOf(this.columns.rows.id(page.slots[0])) === before - 1;
      // Behind its anchor a page is all new; any other may hold runs that belong between known ones.
      if (foreign || begins) {
        this.columns.append(page);
      } else {
        this.columns.merge(page);
      }
      // So many runs were inserted above that this page brought only known ones: the next one begins behind it.
      this._offset =
        this.columns.length === before
          ? offset + Math.max(1, page.size - 1)
          : 0;
      this._token = page.nextPageToken;
      this._isComplete = isLast;
      return;
    }
  }

  private readonly _size = new PageSize();
  private _isLoaded = false;
  private _isComplete = false;
  private _loading: AbortController | null = null;
  private _moreError: Error | null = null;
  private _token: string | null = null;
  private _offset = 0;
  private _wanted = 0;
  private readonly _changed = new Signal<this, void>(this);
}
