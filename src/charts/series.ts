/** What a chart's x axis counts: steps, seconds since the first point of the line, or the time of day. */
export type XAxis = 'step' | 'time' | 'wall';

/** The history of one metric of one run. Columns are of the same length. */
export interface Series {
  /** Different for each line of a chart, and the same for the same line. */
  readonly id: string;
  readonly name: string;
  readonly steps: ReadonlyArray<number>;
  /** Milliseconds since the epoch. */
  readonly timestamps: ReadonlyArray<number>;
  /** NaN and ±Infinity are gaps. */
  readonly values: ReadonlyArray<number>;
}

/** Points of a line that are drawn: more than there are pixels. */
const MOST_POINTS = 2000;

/** Exponential moving average; `weight` 0 leaves the values as they are, and gaps stay. */
export function smoothed(
  values: ReadonlyArray<number>,
  weight: number
): ReadonlyArray<number> {
  if (weight === 0) {
    return values;
  }
  let last: number | null = null;
  return values.map(value => {
    if (!Number.isFinite(value)) {
      return value;
    }
    last = last === null ? value : last * weight + value * (1 - weight);
    return last;
  });
}

/**
 * Indices of the points to draw, at most about `count`: the first, the last, and of each stretch the lowest and the highest, so that
 * peaks and gaps stay.
 */
export function downsampled(
  values: ReadonlyArray<number>,
  count = MOST_POINTS
): number[] {
  if (values.length <= count) {
    return values.map((_, i) => i);
  }
  const kept = new Set([0, values.length - 1]);
  const stretches = Math.max(1, Math.floor(count / 3));
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * values.length) / stretches);
    const to = Math.floor(((stretch + 1) * values.length) / stretches);
    let low = -1;
    let high = -1;
    let gap = -1;
    for (let i = from; i < to; i++) {
      if (!Number.isFinite(values[i])) {
        gap = i;
      } else {
        low = low === -1 || values[i] < values[low] ? i : low;
        high = high === -1 || values[i] > values[high] ? i : high;
      }
    }
    [low, high, gap].filter(i => i !== -1).forEach(i => kept.add(i));
  }
  return [...kept].sort((a, b) => a - b);
}

/** A line as it is drawn. */
export interface Drawn {
  readonly x: ReadonlyArray<number | Date>;
  /** Null where there is nothing to draw: a gap. */
  readonly y: ReadonlyArray<number | null>;
  /** How many points are no finite number, or have no place on a logarithmic axis. */
  readonly left: number;
}

/** The points of a line on its axes, in the order of x. */
export function drawnOf(
  series: Series,
  options: { readonly x: XAxis; readonly smooth: number; readonly log: boolean }
): Drawn {
  const { steps, timestamps } = series;
  const by = options.x === 'step' ? steps : timestamps;
  const order = series.values
    .map((_, i) => i)
    .sort((a, b) => by[a] - by[b] || timestamps[a] - timestamps[b] || a - b);
  const values = smoothed(
    order.map(i => series.values[i]),
    options.smooth
  );
  const isDrawn = (value: number): boolean =>
    Number.isFinite(value) && (!options.log || value > 0);
  const first = timestamps[order[0]] ?? 0;
  const kept = downsampled(values);
  return {
    x: kept.map(at => {
      const i = order[at];
      return options.x === 'step'
        ? steps[i]
        : options.x === 'wall'
          ? new Date(timestamps[i])
          : (timestamps[i] - first) / 1000;
    }),
    y: kept.map(at => (isDrawn(values[at]) ? values[at] : null)),
    left: values.filter(value => !isDrawn(value)).length
  };
}

/** Told apart by most eyes, on light and on dark; the tenth line has the first colour again. */
const COLORS = [
  '#1f77b4',
  '#ff7f0e',
  '#2ca02c',
  '#d62728',
  '#9467bd',
  '#8c564b',
  '#e377c2',
  '#7f7f7f',
  '#17becf'
];

export function colorOf(index: number): string {
  return COLORS[index % COLORS.length];
}
