import { type Capabilities, type Int, type MetricHistory } from './entities';
import { MlflowError } from './errors';
import {
  decodeHistories,
  HistoryBuilder,
  type HistoryAnswer
} from './historyDecoder';
import { type RestClient } from './rest';
import { thin } from './thin';

/** More would be cut, fewer would cost round trips; without it some versions page for ever. */
const PAGE = 25_000;
/** The server's limit is 100 runs, but the request line must stay below 4 KB. */
const RUNS_PER_REQUEST = 75;
/** MLflow 2.3 to 2.10 take 20 runs in a bulk request. */
const RUNS_PER_OLD_REQUEST = 20;
const PARALLEL = 4;

export interface HistoryPage {
  readonly history: MetricHistory;
  /** Where the next read starts: pass it as `offset`. */
  readonly nextOffset: number;
}

export interface Sampling {
  /** How many points of each run at most, 1–2,500. Default 320. */
  readonly maxPoints?: number;
  /** Both or neither, inclusive. */
  readonly startStep?: Int;
  readonly endStep?: Int;
}

function chunks<T>(items: ReadonlyArray<T>, size: number): T[][] {
  const all: T[][] = [];
  for (let i = 0; i < items.length; i += size) {
    all.push(items.slice(i, i + size));
  }
  return all;
}

/** MLflow's page tokens are offsets; 0 is refused and must be left out. */
export function offsetToken(offset: number): string | undefined {
  return offset === 0 ? undefined : btoa(JSON.stringify({ offset }));
}

/** `metrics/*`: the histories of metrics. Every method throws MlflowError. */
export class MetricsApi {
  constructor(
    private readonly _rest: RestClient,
    private readonly _capabilities: (
      signal?: AbortSignal
    ) => Promise<Capabilities>
  ) {}

  /** The whole history of one metric. Empty for an unknown run or key: the server does not tell them apart. */
  async history(
    runId: string,
    key: string,
    signal?: AbortSignal
  ): Promise<MetricHistory> {
    const history = new HistoryBuilder(key);
    let token: string | undefined;
    for (;;) {
      const answer = await this._history(runId, key, PAGE, token, signal);
      history.addAll(only(answer, key));
      if (
        answer.nextPageToken === null ||
        answer.count === 0 ||
        answer.nextPageToken === token
      ) {
        return history.sort();
      }
      token = answer.nextPageToken;
    }
  }

  /**
   * What came after the first `offset` points: the cheapest way to follow a live metric. Points with late timestamps shift
   * offsets, so read in full now and then.
   *
   * @throws `too-old` where the server ignores paging (capability `historyPaging`): read in full there.
   */
  async historyPage(
    runId: string,
    key: string,
    {
      offset = 0,
      maxResults = PAGE
    }: { readonly offset?: number; readonly maxResults?: number } = {},
    signal?: AbortSignal
  ): Promise<HistoryPage> {
    if (!(await this._capabilities(signal)).historyPaging) {
      throw new MlflowError(
        'too-old',
        'This server does not give the history of a metric in parts.',
        {
          hint: 'Upgrade the tracking server to MLflow 3.1.1 or newer.'
        }
      );
    }
    const answer = await this._history(
      runId,
      key,
      maxResults,
      offsetToken(offset),
      signal
    );
    return { history: only(answer, key), nextOffset: offset + answer.count };
  }

  /** The whole histories of one metric of several runs, by run id. Runs without the metric have an empty one. */
  async bulk(
    runIds: ReadonlyArray<string>,
    key: string,
    signal?: AbortSignal
  ): Promise<ReadonlyMap<string, MetricHistory>> {
    const { sampledHistory } = await this._capabilities(signal);
    const result = emptyHistories(runIds, key);
    for (const ids of chunks(
      [...result.keys()],
      sampledHistory ? RUNS_PER_REQUEST : RUNS_PER_OLD_REQUEST
    )) {
      const answer = await this._rest.get(
        'metrics/get-history-bulk',
        { run_id: ids, metric_key: key, max_results: PAGE },
        (json, where) => decodeHistories(json, where, key),
        { signal }
      );
      if (answer.count >= PAGE) {
        // The server cuts at this many points of all runs together, unsaid.
        await this._each(ids, async id =>
          result.set(id, await this.history(id, key, signal))
        );
      } else {
        answer.byRun.forEach((history, id) => result.set(id, history.sort()));
      }
    }
    return result;
  }

  /**
   * Histories thinned by step to at most `maxPoints` for each run, first and last point kept, by run id. Old servers give whole
   * histories, which are thinned here.
   */
  async sampled(
    runIds: ReadonlyArray<string>,
    key: string,
    { maxPoints = 320, startStep, endStep }: Sampling = {},
    signal?: AbortSignal
  ): Promise<ReadonlyMap<string, MetricHistory>> {
    const result = emptyHistories(runIds, key);
    const ids = [...result.keys()];
    if (!(await this._capabilities(signal)).sampledHistory) {
      await this._each(ids, async id =>
        result.set(
          id,
          thin(
            await this.history(id, key, signal),
            maxPoints,
            startStep,
            endStep
          )
        )
      );
      return result;
    }
    await this._each(chunks(ids, RUNS_PER_REQUEST), async chunk => {
      const answer = await this._rest.get(
        'metrics/get-history-bulk-interval',
        {
          run_ids: chunk,
          metric_key: key,
          max_results: maxPoints,
          start_step: startStep,
          end_step: endStep
        },
        (json, where) => decodeHistories(json, where, key),
        { signal, since: '2.11' }
      );
      answer.byRun.forEach((history, id) => result.set(id, history));
    });
    return result;
  }

  private _history(
    runId: string,
    key: string,
    maxResults: number,
    pageToken: string | undefined,
    signal?: AbortSignal
  ): Promise<HistoryAnswer> {
    return this._rest.get(
      'metrics/get-history',
      {
        run_id: runId,
        metric_key: key,
        max_results: maxResults,
        page_token: pageToken
      },
      (json, where) => decodeHistories(json, where, key),
      { signal }
    );
  }

  /** A few at a time: one slow search on an old server blocks everything behind it. */
  private async _each<T>(
    items: ReadonlyArray<T>,
    work: (item: T) => Promise<unknown>
  ): Promise<void> {
    const rest = [...items];
    const worker = async (): Promise<void> => {
      for (let item = rest.shift(); item !== undefined; item = rest.shift()) {
        await work(item);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
  }
}

function emptyHistories(
  runIds: ReadonlyArray<string>,
  key: string
): Map<string, MetricHistory> {
  return new Map(runIds.map(id => [id, new HistoryBuilder(key)]));
}

function only(answer: HistoryAnswer, key: string): MetricHistory {
  const all = new HistoryBuilder(key);
  answer.byRun.forEach(history => all.addAll(history));
  return all;
}
