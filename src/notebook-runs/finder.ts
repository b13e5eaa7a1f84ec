import type { ExperimentsApi, RunsApi } from '../mlflow';

/** The requests that finding needs; a test replaces them. */
export interface FinderSource {
  readonly experiments: Pick<ExperimentsApi, 'search'>;
  readonly runs: Pick<RunsApi, 'search'>;
}

/** Whether the notebook's kernel may be starting runs. */
export interface KernelActivity {
  readonly isBusy: boolean;
  /** Another number whenever the kernel has done something. */
  readonly count: number;
}

/**
 * Experiments asked about in one request. Databases bind each to a variable, of which SQL Server has 2,100 for a query. The cost
 * hardly grows with their number: measured with 100,000 tagged runs, 1,000 experiments take a tenth longer than one, and 10,000
 * twice as long, on MLflow 2.3.2 and 3.17.2.
 */
const PER_REQUEST = 1000;
/** The newest experiments, which are looked at for new ones. */
const NEWEST = 20;
/** Rows of an answer: the experiments of the runs are wanted, not the runs. */
const ROWS = 20;
/** Looking around takes this part of the server's time at most. */
const LOAD_FACTOR = 8;
/** While the kernel rests, runs of its notebook can only come from elsewhere: each so-many-th poll looks around. */
const RESTING_EVERY = 10;

/**
 * Finds the experiments that hold runs of a notebook. MLflow searches only in experiments that it is given, so all of them are
 * asked about: new ones first, then the others by the thousand.
 */
export class ExperimentFinder {
  /**
   * @param filter - of runs, in MLflow's grammar.
   * @param known - experiments that held such runs before.
   */
  constructor(
    private readonly _source: FinderSource,
    private readonly _filter: string,
    private readonly _activity: () => KernelActivity,
    known: Iterable<string> = [],
    private readonly _now: () => number = () => performance.now()
  ) {
    this._known = new Set(known);
  }

  /** Experiments that hold, or held, runs of the notebook; replaced when it grows. */
  get known(): ReadonlySet<string> {
    return this._known;
  }

  /**
   * One look around, where one is due.
   *
   * @param thorough - also where none is due, and from the start.
   * @returns whether more experiments are known now.
   * @throws MlflowError, or the AbortError of the signal.
   */
  async look(signal: AbortSignal, thorough = false): Promise<boolean> {
    this._calls++;
    if (thorough) {
      this._ids = [];
      this._next = 'first';
      this._at = 0;
    } else if (!this._isDue()) {
      return false;
    }
    const start = this._now();
    const { count } = this._activity();
    if (this._at === 0) {
      this._roundCount = count;
    }
    await this._list(signal);
    const before = this._known.size;
    await this._ask(signal);
    this._lookedAt = this._now();
    const took = this._lookedAt - start;
    // One slow answer may be an accident, two are a slow server.
    this._pace = Math.min(this._took, took);
    this._took = took;
    return this._known.size > before;
  }

  private _isDue(): boolean {
    const rests =
      this._settledCount === this._activity().count && !this._activity().isBusy;
    if (rests) {
      return this._calls % RESTING_EVERY === 0;
    }
    return this._now() - this._lookedAt >= (LOAD_FACTOR - 1) * this._pace;
  }

  /** Reads on in the list of experiments, or once it is read, those that are new. */
  private async _list(signal: AbortSignal): Promise<void> {
    const isWhole = this._next === null;
    const page = await this._source.experiments.search(
      {
        orderBy: ['creation_time DESC'],
        maxResults: isWhole ? NEWEST : PER_REQUEST,
        pageToken:
          this._next === null || this._next === 'first'
            ? undefined
            : this._next.token
      },
      signal
    );
    const have = new Set(this._ids);
    const fresh = page.items.map(({ id }) => id).filter(id => !have.has(id));
    if (!isWhole) {
      this._ids.push(...fresh);
      this._next =
        page.nextPageToken !== null && page.items.length > 0
          ? { token: page.nextPageToken }
          : null;
    } else if (fresh.length > 0) {
      this._ids.unshift(...fresh);
      this._at = 0;
      if (fresh.length === NEWEST) {
        // There may be more between these and those that are known.
        this._next = 'first';
      }
    }
  }

  /** Asks about experiments that are not known to hold runs of the notebook. */
  private async _ask(signal: AbortSignal): Promise<void> {
    const asked: string[] = [];
    let end = this._at;
    for (; end < this._ids.length && asked.length < PER_REQUEST; end++) {
      if (!this._known.has(this._ids[end])) {
        asked.push(this._ids[end]);
      }
    }
    if (asked.length > 0) {
      const { items } = await this._source.runs.search(
        {
          experimentIds: asked,
          filter: this._filter,
          maxResults: ROWS
        },
        signal
      );
      if (items.length > 0) {
        this._known = new Set([
          ...this._known,
          ...items.map(run => run.info.experimentId)
        ]);
      }
      if (items.length === ROWS) {
        // Others among those that were asked about may hold older runs: the next look asks about the rest of them.
        return;
      }
    }
    this._at = end;
    if (end === this._ids.length && this._next === null) {
      this._at = 0;
      this._settledCount = this._roundCount;
    }
  }

  private _known: ReadonlySet<string>;
  /** All experiments, the newest first, as far as the list is read. */
  private _ids: string[] = [];
  /** Where the list goes on; null once it is read to its end. */
  private _next: 'first' | { readonly token: string } | null = 'first';
  /** The next experiment to ask about. */
  private _at = 0;
  private _calls = 0;
  private _lookedAt = -Infinity;
  private _took = 0;
  private _pace = 0;
  /** The kernel's activity when this round began, and when the last whole round did. */
  private _roundCount = 0;
  private _settledCount = -1;
}
