import { type Int, type MetricHistory } from './entities';
import { MlflowError } from './errors';
import { intOf, metricValueOf } from './scalars';

/** The order of two integers, of which either may be a bigint. */
export function compareInts(a: Int, b: Int): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A history that still grows. */
export class HistoryBuilder implements MetricHistory {
  readonly values: number[] = [];
  readonly steps: Int[] = [];
  readonly timestamps: Int[] = [];

  constructor(readonly key: string) {}

  get length(): number {
    return this.values.length;
  }

  add(value: number, step: Int, timestamp: Int): void {
    this.values.push(value);
    this.steps.push(step);
    this.timestamps.push(timestamp);
  }

  /**
   * Brings the points into the order of their time, then step. MLflow 2.3 on PostgreSQL gives them as the table holds them; others
   * are in order already, which costs one look.
   */
  sort(): this {
    const before = (a: number, b: number): number =>
      compareInts(this.timestamps[a], this.timestamps[b]) ||
      compareInts(this.steps[a], this.steps[b]) ||
      a - b;
    const order = this.values.map((_, i) => i);
    if (order.some((i, k) => k > 0 && before(k - 1, i) > 0)) {
      order.sort(before);
      const { values, steps, timestamps } = this;
      const sorted = order.map(
        i => [values[i], steps[i], timestamps[i]] as const
      );
      sorted.forEach(([value, step, timestamp], k) => {
        values[k] = value;
        steps[k] = step;
        timestamps[k] = timestamp;
      });
    }
    return this;
  }

  addAll(other: MetricHistory): void {
    for (let i = 0; i < other.values.length; i++) {
      this.add(other.values[i], other.steps[i], other.timestamps[i]);
    }
  }
}

/** One answer: the histories by run id (`''` where the answer names no run), and how it goes on. */
export interface HistoryAnswer {
  readonly byRun: ReadonlyMap<string, HistoryBuilder>;
  readonly count: number;
  readonly nextPageToken: string | null;
}

function wrong(
  where: string,
  index: number,
  field: string,
  expected: string
): MlflowError {
  const name = index < 0 ? field : `metrics.${index}.${field}`;
  return new MlflowError(
    'malformed',
    `The answer to ${where} is not as MLflow writes it: "${name}" should be ${expected}.`
  );
}

function intAt(
  value: unknown,
  where: string,
  index: number,
  field: string
): Int {
  if (value === undefined || value === null) {
    return 0;
  }
  const int = intOf(value);
  if (int === null) {
    throw wrong(where, index, field, 'an integer');
  }
  return int;
}

/**
 * Decodes `{metrics: [...], next_page_token}` of `get-history`, `get-history-bulk` and `get-history-bulk-interval` column by
 * column: histories have up to a million points, which must not become objects.
 *
 * @throws MlflowError `malformed`, naming the field.
 */
export function decodeHistories(
  json: unknown,
  where: string,
  key: string
): HistoryAnswer {
  if (typeof json !== 'object' || json === null) {
    throw wrong(where, -1, 'the answer itself', 'an object');
  }
  const list: unknown = 'metrics' in json ? json.metrics : undefined;
  const token: unknown =
    'next_page_token' in json ? json.next_page_token : undefined;
  if (list !== undefined && list !== null && !Array.isArray(list)) {
    throw wrong(where, -1, 'metrics', 'a list');
  }
  const points: ReadonlyArray<unknown> = list ?? [];
  const byRun = new Map<string, HistoryBuilder>();
  let lastRun = '';
  let history: HistoryBuilder | undefined;
  for (let i = 0; i < points.length; i++) {
    const point = points[i];
    if (typeof point !== 'object' || point === null) {
      throw wrong(where, i, 'point', 'an object');
    }
    const { value, step, timestamp, run_id } = point as Readonly<
      Record<string, unknown>
    >;
    const run = typeof run_id === 'string' ? run_id : '';
    if (history === undefined || run !== lastRun) {
      history = byRun.get(run) ?? new HistoryBuilder(key);
      byRun.set(run, history);
      lastRun = run;
    }
    const number =
      value === undefined || value === null ? NaN : metricValueOf(value);
    if (number === null) {
      throw wrong(where, i, 'value', 'a number');
    }
    history.add(
      number,
      intAt(step, where, i, 'step'),
      intAt(timestamp, where, i, 'timestamp')
    );
  }
  if (token !== undefined && token !== null && typeof token !== 'string') {
    throw wrong(where, -1, 'next_page_token', 'text');
  }
  return { byRun, count: points.length, nextPageToken: token ? token : null };
}
