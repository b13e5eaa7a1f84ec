import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { MetricHistory, Run } from '../mlflow';
import { isRunning } from '../runs';
import { clientOf, type ITrackingServers } from '../servers';
import { useVisible } from '../ui/context';

/** Points of a run that has ended which are read: more than a chart has pixels. */
const MOST_POINTS = 1000;
/** Points that come late shift offsets: so often in a row a history is read in parts, then whole. */
const PARTS = 50;

/** A history as it is known. */
export interface History {
  readonly steps: ReadonlyArray<number>;
  /** Milliseconds since the epoch. */
  readonly timestamps: ReadonlyArray<number>;
  readonly values: ReadonlyArray<number>;
  /** What the run said of the metric when this was asked for. */
  readonly stamp: string;
  /** Points that the server has; null where this is a sample of them. */
  readonly offset: number | null;
  /** How often in a row it was read in parts. */
  readonly parts: number;
}

function columnsOf(history: MetricHistory) {
  return {
    steps: history.steps.map(Number),
    timestamps: history.timestamps.map(Number),
    values: [...history.values]
  };
}

interface Waiting {
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly resolve: (history: MetricHistory) => void;
  readonly reject: (reason: unknown) => void;
}

/** Reads samples of histories; what is wanted of one metric at the same time is one request. */
export class HistoryReader {
  constructor(private readonly _servers: ITrackingServers) {}

  /** @throws MlflowError, or the AbortError of the signal. */
  sample(
    serverId: string,
    runId: string,
    key: string,
    signal: AbortSignal
  ): Promise<MetricHistory> {
    const name = JSON.stringify([serverId, key]);
    return new Promise((resolve, reject) => {
      const waiting = this._waiting.get(name);
      const one = { runId, signal, resolve, reject };
      if (waiting) {
        waiting.push(one);
        return;
      }
      const batch = [one];
      this._waiting.set(name, batch);
      // After everything that is drawn now has asked.
      setTimeout(() => {
        this._waiting.delete(name);
        void this._read(serverId, key, batch);
      }, 0);
    });
  }

  private async _read(
    serverId: string,
    key: string,
    batch: ReadonlyArray<Waiting>
  ): Promise<void> {
    const mine = new AbortController();
    const onAbort = (): void => {
      if (batch.every(({ signal }) => signal.aborted)) {
        mine.abort();
      }
    };
    batch.forEach(({ signal }) => signal.addEventListener('abort', onAbort));
    onAbort();
    try {
      const found = await clientOf(this._servers, serverId).metrics.sampled(
        [...new Set(batch.map(({ runId }) => runId))],
        key,
        { maxPoints: MOST_POINTS },
        mine.signal
      );
      for (const { runId, resolve, reject } of batch) {
        const history = found.get(runId);
        if (history) {
          resolve(history);
        } else {
          reject(new Error('The server left a history out.'));
        }
      }
    } catch (reason) {
      batch.forEach(({ reject }) => reject(reason));
    } finally {
      batch.forEach(({ signal }) =>
        signal.removeEventListener('abort', onAbort)
      );
    }
  }

  private readonly _waiting = new Map<string, Waiting[]>();
}

/** One line that is wanted: a metric of a run that is known. */
export interface WantedHistory {
  readonly run: Run;
  readonly key: string;
}

/** Changes when the metric has got points, or the run has ended. */
function stampOf({ run, key }: WantedHistory): string {
  const latest = run.metrics.get(key);
  return [
    isRunning(run.info) ? 'running' : 'ended',
    String(latest?.step),
    String(latest?.timestamp),
    String(latest?.value)
  ].join('/');
}

async function read(
  servers: ITrackingServers,
  reader: HistoryReader,
  serverId: string,
  wanted: WantedHistory,
  before: History | undefined,
  signal: AbortSignal
): Promise<History> {
  const { run, key } = wanted;
  const stamp = stampOf(wanted);
  const { id } = run.info;
  if (!isRunning(run.info)) {
    const history = await reader.sample(serverId, id, key, signal);
    return { ...columnsOf(history), stamp, offset: null, parts: 0 };
  }
  const client = clientOf(servers, serverId);
  const { metrics } = client;
  if (
    before &&
    before.offset !== null &&
    before.parts < PARTS &&
    (await client.capabilities(signal)).historyPaging
  ) {
    const page = await metrics.historyPage(
      id,
      key,
      { offset: before.offset },
      signal
    );
    const next = columnsOf(page.history);
    return {
      steps: [...before.steps, ...next.steps],
      timestamps: [...before.timestamps, ...next.timestamps],
      values: [...before.values, ...next.values],
      stamp,
      offset: page.nextOffset,
      parts: before.parts + 1
    };
  }
  const history = await metrics.history(id, key, signal);
  return {
    ...columnsOf(history),
    stamp,
    offset: history.values.length,
    parts: 0
  };
}

/**
 * The histories of metrics, in the order of what is wanted; undefined where one is not known yet. They are read when the run says that
 * its metric has changed, which whoever follows the run finds out anyway: while it runs only what is new is read.
 */
export function useHistories(
  servers: ITrackingServers,
  reader: HistoryReader,
  serverId: string,
  wanted: ReadonlyArray<WantedHistory>
): { histories: ReadonlyArray<History | undefined>; error: Error | null } {
  const visible = useVisible();
  const queryClient = useQueryClient();
  const results = useQueries({
    queries: wanted.map(each => {
      const queryKey = [serverId, 'history', each.run.info.id, each.key];
      return {
        queryKey,
        enabled: visible,
        staleTime: Infinity,
        structuralSharing: false,
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          read(
            servers,
            reader,
            serverId,
            each,
            queryClient.getQueryData<History>(queryKey),
            signal
          )
      };
    })
  });
  const stale = results.map(
    ({ data, isFetching, isError }, at) =>
      data !== undefined &&
      !isFetching &&
      !isError &&
      data.stamp !== stampOf(wanted[at])
  );
  const stamps = stale.map((each, at) => (each ? stampOf(wanted[at]) : ''));
  useEffect(() => {
    if (visible) {
      stale.forEach((isStale, at) => {
        if (isStale) {
          void results[at].refetch({ cancelRefetch: false });
        }
      });
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the stamps stand for what is stale
  }, [visible, stamps.join()]);
  return {
    histories: results.map(({ data }) => data),
    error: results.find(({ error }) => error !== null)?.error ?? null
  };
}
