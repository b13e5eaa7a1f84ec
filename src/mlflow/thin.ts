import { type Int, type MetricHistory } from './entities';
import { compareInts, HistoryBuilder } from './historyDecoder';

/**
 * A history of at most `maxPoints` points, spread evenly, with its first and last, in step order, as
 * `get-history-bulk-interval` gives it.
 *
 * @param startStep With `endStep`, both inclusive: only these steps.
 */
export function thin(
  history: MetricHistory,
  maxPoints: number,
  startStep?: Int,
  endStep?: Int
): MetricHistory {
  const { values, steps, timestamps } = history;
  const order = values
    .map((_, i) => i)
    .filter(
      i =>
        (startStep === undefined || steps[i] >= startStep) &&
        (endStep === undefined || steps[i] <= endStep)
    )
    .sort(
      (a, b) =>
        compareInts(steps[a], steps[b]) ||
        compareInts(timestamps[a], timestamps[b]) ||
        a - b
    );
  const count = Math.min(order.length, Math.max(1, Math.trunc(maxPoints)));
  const result = new HistoryBuilder(history.key);
  for (let k = 0; k < count; k++) {
    const i =
      order[
        count === 1
          ? order.length - 1
          : Math.round((k * (order.length - 1)) / (count - 1))
      ];
    result.add(values[i], steps[i], timestamps[i]);
  }
  return result;
}
