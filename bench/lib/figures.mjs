// Figures and how they are printed: minimum, median and maximum, and goals that are met or missed.

/** @returns {{min: number, median: number, max: number, n: number}} of at least one number */
export function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2
      ? sorted[middle]
      : (sorted[middle - 1] + sorted[middle]) / 2;
  return {
    min: sorted[0],
    median,
    max: sorted[sorted.length - 1],
    n: sorted.length
  };
}

/** A number with a fitting number of digits: 0.123, 4.57, 89.1, 1234. */
export function digits(value) {
  const size = Math.abs(value);
  return value.toFixed(
    size >= 100 || Number.isInteger(value)
      ? 0
      : size >= 10
        ? 1
        : size >= 1
          ? 2
          : 3
  );
}

/** Collects what a benchmark found, and prints each line as it comes. */
export class Report {
  constructor(title, stream = process.stdout) {
    this.title = title;
    this.lines = [];
    this.missed = [];
    this._stream = stream;
    this._say(`\n## ${title}`);
  }

  /** "name: median 123 ms (min 101, max 150, 7 times)" */
  times(name, values, unit = 'ms') {
    const { min, median, max, n } = summary(values);
    this._line(
      `${name}: median ${digits(median)} ${unit} (min ${digits(min)}, max ${digits(max)}, n = ${n})`
    );
    return median;
  }

  /** One figure without repetition. */
  figure(name, value, unit = '') {
    this._line(
      `${name}: ${typeof value === 'number' ? digits(value) : value}${unit && ` ${unit}`}`
    );
  }

  /** A figure with a goal: `met` says whether it holds. */
  goal(name, value, unit, goal, met) {
    this._line(
      `${name}: ${digits(value)}${unit && ` ${unit}`}  (goal: ${goal}) ${met ? 'met' : 'MISSED'}`
    );
    if (!met) {
      this.missed.push(`${this.title}: ${name}`);
    }
  }

  note(text) {
    this._line(text);
  }

  _line(text) {
    this.lines.push(text);
    this._say(`- ${text}`);
  }

  _say(text) {
    this._stream.write(`${text}\n`);
  }
}
