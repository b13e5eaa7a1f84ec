import { type IRunSink, MlflowError, type RunSearch } from '../../mlflow';
import { type RunSource } from '../loader';

/** A run as the fake server keeps it. */
export interface FakeRun {
  id: string;
  start: number;
  status: string;
  name?: string;
  deleted?: boolean;
  params?: Record<string, string>;
  metrics?: Record<string, number>;
  tags?: Record<string, string>;
}

/**
 * Runs in memory, searched as MLflow does: newest first or by one metric, offset tokens, `run_id IN` and one tag as filters.
 * Answers at once, or when the test says so (`hold`).
 */
export class FakeServer implements RunSource {
  readonly runs: FakeRun[] = [];
  readonly searches: RunSearch[] = [];
  /** The next answers fail with it. */
  failure: Error | null = null;

  add(run: Partial<FakeRun> & { id: string }): FakeRun {
    const added = { start: this.runs.length + 1, status: 'FINISHED', ...run };
    this.runs.push(added);
    return added;
  }

  /** Ids in the order of the server. */
  order(
    search: Pick<RunSearch, 'orderBy' | 'viewType' | 'filter'> = {}
  ): string[] {
    return this._matching(search).map(run => run.id);
  }

  /** From now on answers wait for `release`. */
  hold(): void {
    this._held ??= [];
  }

  /** Lets waiting answers go, the last one first where `reversed`. */
  async release(reversed = false): Promise<void> {
    const held = this._held ?? [];
    this._held = null;
    for (const go of reversed ? held.reverse() : held) {
      go();
      await flush();
    }
  }

  async searchInto(
    sink: IRunSink,
    search: RunSearch,
    signal?: AbortSignal
  ): Promise<void> {
    this.searches.push(search);
    const failure = this.failure;
    const answer = this._page(search);
    if (this._held !== null) {
      const held = this._held;
      await new Promise<void>(resolve => held.push(resolve));
    }
    if (signal?.aborted) {
      throw new DOMException('The request was aborted.', 'AbortError');
    }
    if (failure !== null) {
      throw failure;
    }
    sink.begin(answer.runs.length);
    for (const run of answer.runs) {
      give(run, sink);
    }
    sink.end(answer.token);
  }

  private _page(search: RunSearch): { runs: FakeRun[]; token: string | null } {
    const matching = this._matching(search).map(run => this._find(run.id));
    const offset = offsetOf(search.pageToken);
    const size = search.maxResults ?? 100;
    const runs = matching.slice(offset, offset + size).map(run => ({
      ...run,
      metrics: { ...run.metrics },
      tags: { ...run.tags }
    }));
    const next = offset + size;
    return {
      runs,
      token:
        next < matching.length ? btoa(JSON.stringify({ offset: next })) : null
    };
  }

  private _find(id: string): FakeRun {
    const run = this.runs.find(one => one.id === id);
    if (run === undefined) {
      throw new MlflowError('not-found', `There is no run ${id}.`);
    }
    return run;
  }

  private _matching(
    search: Pick<RunSearch, 'orderBy' | 'viewType' | 'filter'>
  ): FakeRun[] {
    const wanted =
      search.filter === undefined
        ? null
        : /run_id IN \((.*)\)/.exec(search.filter);
    const ids =
      wanted === null
        ? null
        : new Set(wanted[1].split(', ').map(quoted => quoted.slice(1, -1)));
    const parent = /parentRunId` = '(.*)'/.exec(search.filter ?? '')?.[1];
    const metric = /metrics\.`(.*)` (ASC|DESC)/.exec(search.orderBy?.[0] ?? '');
    const deleted = search.viewType === 'DELETED_ONLY';
    const key = (run: FakeRun): number =>
      metric === null ? run.start : (run.metrics?.[metric[1]] ?? NaN);
    const sign = metric?.[2] === 'ASC' ? 1 : -1;
    return this.runs
      .filter(
        run => search.viewType === 'ALL' || (run.deleted ?? false) === deleted
      )
      .filter(run => ids === null || ids.has(run.id))
      .filter(
        run =>
          parent === undefined || run.tags?.['mlflow.parentRunId'] === parent
      )
      .sort((a, b) => {
        const [x, y] = [key(a), key(b)];
        if (Number.isNaN(x) || Number.isNaN(y)) {
          return (
            Number(Number.isNaN(x)) - Number(Number.isNaN(y)) ||
            (a.id < b.id ? -1 : 1)
          );
        }
        return sign * (x - y) || b.start - a.start || (a.id < b.id ? -1 : 1);
      });
  }

  private _held: Array<() => void> | null = null;
}

/** Gives one run to a sink, as the decoder does. */
export function give(run: FakeRun, sink: IRunSink): void {
  sink.run({
    id: run.id,
    name: run.name ?? `run ${run.id}`,
    experimentId: '1',
    userId: 'ana',
    status: run.status,
    startTime: run.start,
    endTime: run.status === 'FINISHED' ? run.start + 1000 : null,
    artifactUri: '',
    lifecycleStage: run.deleted ? 'deleted' : 'active'
  });
  Object.entries(run.params ?? {}).forEach(([key, value]) =>
    sink.param(key, value)
  );
  Object.entries(run.metrics ?? {}).forEach(([key, value]) =>
    sink.metric(key, value, run.start, 0)
  );
  Object.entries(run.tags ?? {}).forEach(([key, value]) =>
    sink.tag(key, value)
  );
  sink.runEnd?.();
}

function offsetOf(token: string | undefined): number {
  if (token === undefined) {
    return 0;
  }
  const json: unknown = JSON.parse(atob(token));
  return typeof json === 'object' && json !== null && 'offset' in json
    ? Number(json.offset)
    : 0;
}

/** Lets everything that is already resolved run on. */
export async function flush(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve();
  }
}
