import { type Int, type LifecycleStage } from './entities';

/** MLflow stores ±Infinity as the largest double, and gives that back. */
const LARGEST = Number.MAX_VALUE;

/** An integer of an answer, exact; null when the value is none. Some servers write them as text. */
export function intOf(value: unknown): Int | null {
  if (typeof value === 'number' || typeof value === 'bigint') {
    return value;
  }
  if (typeof value !== 'string' || !/^-?\d+$/.test(value)) {
    return null;
  }
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}

/** A metric's value with NaN and ±Infinity restored; null when the value is no number. */
export function metricValueOf(value: unknown): number | null {
  if (typeof value === 'number') {
    return value >= LARGEST ? Infinity : value <= -LARGEST ? -Infinity : value;
  }
  if (typeof value === 'bigint') {
    return Number(value);
  }
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity'
    ? Number(value)
    : null;
}

export function lifecycleOf(value: string): LifecycleStage {
  return value === 'deleted' ? 'deleted' : 'active';
}
