import {
  type Dataset,
  type Int,
  type Page,
  type Run,
  type RunInfo,
  type RunStatus,
  type ViewType
} from './entities';
import { itemsOf } from './paging';
import { decodeNothing, type RestClient } from './rest';
import {
  decodeRun,
  decodeRunInfo,
  decodeRunPage,
  decodeRunsInto,
  type IRunSink
} from './runDecoder';

export interface RunSearch {
  readonly experimentIds: ReadonlyArray<string>;
  readonly filter?: string;
  /** For example ['metrics.`loss` ASC', 'start_time DESC']; default is start time, newest first. */
  readonly orderBy?: ReadonlyArray<string>;
  /** Default ACTIVE_ONLY. */
  readonly viewType?: ViewType;
  /** 1–50,000, default 100. The server's time goes with rows × columns: keep first pages small. */
  readonly maxResults?: number;
  readonly pageToken?: string;
}

export interface NewRun {
  readonly experimentId: string;
  readonly name?: string;
  /** Milliseconds since the epoch, default now. MLflow takes none for 1970. */
  readonly startTime?: number;
  readonly userId?: string;
  readonly tags?: ReadonlyMap<string, string>;
}

export interface RunChange {
  readonly name?: string;
  readonly status?: RunStatus;
  /** Milliseconds since the epoch. */
  readonly endTime?: number;
}

export interface NewMetric {
  readonly key: string;
  /** NaN and ±Infinity are kept. */
  readonly value: number;
  /** Milliseconds since the epoch, default now. */
  readonly timestamp?: Int;
  readonly step?: Int;
}

export interface Batch {
  readonly metrics?: ReadonlyArray<NewMetric>;
  readonly params?: ReadonlyMap<string, string>;
  readonly tags?: ReadonlyMap<string, string>;
}

function pairs(
  map: ReadonlyMap<string, string> | undefined
): Array<{ key: string; value: string }> {
  return [...(map ?? [])].map(([key, value]) => ({ key, value }));
}

/** An integer that MLflow reads whole: a float would store this field and the later ones as 0. */
function whole(value: Int): Int {
  return typeof value === 'bigint' ? value : Math.trunc(value);
}

function wireMetric(metric: NewMetric): Record<string, unknown> {
  return {
    key: metric.key,
    value: metric.value,
    timestamp: whole(metric.timestamp ?? Date.now()),
    step: whole(metric.step ?? 0)
  };
}

/** `runs/*`. Every method throws MlflowError. */
export class RunsApi {
  constructor(private readonly _rest: RestClient) {}

  /** One page of runs. Without experiments there are none, and no request is made. */
  async search(search: RunSearch, signal?: AbortSignal): Promise<Page<Run>> {
    if (search.experimentIds.length === 0) {
      return { items: [], nextPageToken: null };
    }
    return this._search(search, decodeRunPage, signal);
  }

  /** One page of runs into a sink, without Run objects. Resolves after the sink's `end`. */
  async searchInto(
    sink: IRunSink,
    search: RunSearch,
    signal?: AbortSignal
  ): Promise<void> {
    if (search.experimentIds.length === 0) {
      sink.begin(0);
      sink.end(null);
      return;
    }
    await this._search(
      search,
      (json, where) => decodeRunsInto(sink, json, where),
      signal
    );
  }

  /** All runs of a search, page after page, each once. */
  searchAll(
    search: Omit<RunSearch, 'pageToken'>,
    signal?: AbortSignal
  ): AsyncGenerator<Run> {
    return itemsOf(
      pageToken => this.search({ ...search, pageToken }, signal),
      run => run.info.id
    );
  }

  get(runId: string, signal?: AbortSignal): Promise<Run> {
    return this._rest.get('runs/get', { run_id: runId }, decodeRun, { signal });
  }

  /** Not idempotent: the server mints the id, so a repeated request makes a second run. */
  create(run: NewRun, signal?: AbortSignal): Promise<Run> {
    return this._rest.send(
      'POST',
      'runs/create',
      {
        experiment_id: run.experimentId,
        run_name: run.name,
        start_time: whole(run.startTime ?? Date.now()),
        user_id: run.userId,
        tags: pairs(run.tags)
      },
      decodeRun,
      { signal }
    );
  }

  /** Renames a run or ends it. An unknown status is ignored by the server: the answer tells what holds. */
  update(
    runId: string,
    change: RunChange,
    signal?: AbortSignal
  ): Promise<RunInfo> {
    return this._rest.send(
      'POST',
      'runs/update',
      {
        run_id: runId,
        run_name: change.name,
        status: change.status,
        end_time:
          change.endTime === undefined ? undefined : whole(change.endTime)
      },
      decodeRunInfo,
      { signal }
    );
  }

  /** Idempotent. */
  delete(runId: string, signal?: AbortSignal): Promise<void> {
    return this._post('runs/delete', { run_id: runId }, signal);
  }

  /** Idempotent. */
  restore(runId: string, signal?: AbortSignal): Promise<void> {
    return this._post('runs/restore', { run_id: runId }, signal);
  }

  /** A value beyond the capability `maxTagLength` is refused or cut by the server. */
  setTag(
    runId: string,
    key: string,
    value: string,
    signal?: AbortSignal
  ): Promise<void> {
    return this._post('runs/set-tag', { run_id: runId, key, value }, signal);
  }

  deleteTag(runId: string, key: string, signal?: AbortSignal): Promise<void> {
    return this._post('runs/delete-tag', { run_id: runId, key }, signal);
  }

  /** @throws `invalid` when the parameter has another value already. */
  logParam(
    runId: string,
    key: string,
    value: string,
    signal?: AbortSignal
  ): Promise<void> {
    return this._post(
      'runs/log-parameter',
      { run_id: runId, key, value },
      signal
    );
  }

  logMetric(
    runId: string,
    metric: NewMetric,
    signal?: AbortSignal
  ): Promise<void> {
    return this._post(
      'runs/log-metric',
      { run_id: runId, ...wireMetric(metric) },
      signal
    );
  }

  /** At most 1,000 metrics, 100 parameters, 100 tags and 1,000 in all. Not one transaction. */
  logBatch(runId: string, batch: Batch, signal?: AbortSignal): Promise<void> {
    return this._post(
      'runs/log-batch',
      {
        run_id: runId,
        metrics: (batch.metrics ?? []).map(wireMetric),
        params: pairs(batch.params),
        tags: pairs(batch.tags)
      },
      signal
    );
  }

  /** @throws `too-old` where the server has no data sets (capability `datasets`). */
  logInputs(
    runId: string,
    inputs: ReadonlyArray<{
      readonly dataset: Dataset;
      readonly tags?: ReadonlyMap<string, string>;
    }>,
    signal?: AbortSignal
  ): Promise<void> {
    const datasets = inputs.map(({ dataset, tags }) => ({
      tags: pairs(tags),
      dataset: {
        name: dataset.name,
        digest: dataset.digest,
        source_type: dataset.sourceType,
        source: dataset.source,
        schema: dataset.schema || undefined,
        profile: dataset.profile || undefined
      }
    }));
    return this._rest.send(
      'POST',
      'runs/log-inputs',
      { run_id: runId, datasets },
      decodeNothing,
      {
        signal,
        since: '2.4'
      }
    );
  }

  private _search<T>(
    search: RunSearch,
    decode: (json: unknown, where: string) => T,
    signal?: AbortSignal
  ): Promise<T> {
    const {
      experimentIds,
      filter,
      orderBy,
      viewType = 'ACTIVE_ONLY',
      maxResults = 100,
      pageToken
    } = search;
    return this._rest.send(
      'POST',
      'runs/search',
      {
        // Numbers would be taken for none: 200 with no runs.
        experiment_ids: experimentIds.map(String),
        // A filter of blanks alone is refused.
        filter: filter?.trim() || undefined,
        order_by: orderBy,
        run_view_type: viewType,
        // A string would be a 500 on MLflow 2.3.
        max_results: Math.trunc(Number(maxResults)),
        page_token: pageToken
      },
      decode,
      { signal, filtered: !!filter }
    );
  }

  private _post(
    endpoint: string,
    body: Record<string, unknown>,
    signal?: AbortSignal
  ): Promise<void> {
    return this._rest.send('POST', endpoint, body, decodeNothing, { signal });
  }
}
