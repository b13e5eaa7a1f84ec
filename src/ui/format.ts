import type { Int } from '../mlflow';

/** How times are shown: "3 min ago", or date and time. */
export type TimeFormat = 'relative' | 'absolute';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Largest first: the unit from which on an age is told in it. */
const AGES: ReadonlyArray<readonly [number, Intl.RelativeTimeFormatUnit]> = [
  [365 * DAY, 'year'],
  [30 * DAY, 'month'],
  [DAY, 'day'],
  [HOUR, 'hour'],
  [MINUTE, 'minute'],
  [SECOND, 'second']
];

/** What `make` gives for a locale, made once for each: making a formatter takes longer than a hundred uses of it. */
function forLocale<T>(
  make: (locale?: string) => T
): (locale: string | undefined) => T {
  const made = new Map<string | undefined, T>();
  return locale => {
    let format = made.get(locale);
    if (format === undefined) {
      format = make(locale);
      made.set(locale, format);
    }
    return format;
  };
}

const relativeFormat = forLocale(
  locale =>
    new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' })
);
const absoluteFormat = forLocale(
  locale =>
    new Intl.DateTimeFormat(locale, {
      dateStyle: 'medium',
      timeStyle: 'medium'
    })
);

/**
 * A time as an age: "3 min. ago", "yesterday", "now".
 *
 * @param time - milliseconds since the epoch.
 * @param now - milliseconds since the epoch.
 */
export function formatRelative(
  time: number,
  now: number,
  locale?: string
): string {
  const age = now - time;
  const format = relativeFormat(locale);
  // A clock of the tracking server that is some seconds ahead must not tell of the future.
  if (age < 5 * SECOND && age > -MINUTE) {
    return format.format(0, 'second');
  }
  const [size, unit] = AGES.find(([least]) => Math.abs(age) >= least) ?? [
    SECOND,
    'second'
  ];
  return format.format(-Math.trunc(age / size), unit);
}

/** Date and time to the second, in the person's own time zone. @param time - milliseconds since the epoch. */
export function formatAbsolute(time: number, locale?: string): string {
  return absoluteFormat(locale).format(time);
}

/**
 * A duration in at most two units: "350 ms", "3.2 s", "1 min 12 s", "2 h 5 min", "3 d 4 h"; empty for a negative one.
 *
 * @param duration - milliseconds.
 */
export function formatDuration(duration: number): string {
  if (!(duration >= 0)) {
    return '';
  }
  if (duration < SECOND) {
    return `${Math.round(duration)} ms`;
  }
  if (duration < 10 * SECOND) {
    return `${(Math.floor(duration / 100) / 10).toFixed(1)} s`;
  }
  const two = (
    large: number,
    name: string,
    small: number,
    rest: string
  ): string => {
    const remainder = Math.floor((duration % large) / small);
    return `${Math.floor(duration / large)} ${name}${remainder > 0 ? ` ${remainder} ${rest}` : ''}`;
  };
  if (duration < MINUTE) {
    return `${Math.floor(duration / SECOND)} s`;
  }
  if (duration < HOUR) {
    return two(MINUTE, 'min', SECOND, 's');
  }
  return duration < DAY
    ? two(HOUR, 'h', MINUTE, 'min')
    : two(DAY, 'd', HOUR, 'h');
}

/**
 * A metric's value in a column: six significant digits at most, whole numbers in full up to 15 digits, exponents
 * where zeros would fill the cell. The full value is `String(value)`.
 */
export function formatMetric(value: number): string {
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  }
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e15) {
    return String(value);
  }
  if (size >= 1e7 || size < 1e-4) {
    const [digits, exponent] = value.toExponential(4).split('e');
    return `${Number(digits)}e${Number(exponent)}`;
  }
  return String(Number(value.toPrecision(6)));
}

const LINE_BREAKS = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/g;

/** A text for rows of one height: its line breaks become "↵", all other white space stays. */
export function oneLine(text: string): string {
  return text.replace(LINE_BREAKS, '↵');
}

/** A text cut for the tab of a view, which the status bar shows in full. @param length - in characters as people see them. */
export function shortTitle(title: string, length = 60): string {
  const characters = [...oneLine(title)];
  return characters.length > length
    ? `${characters.slice(0, length - 1).join('')}…`
    : characters.join('');
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A size in decimal units, as file managers show it: "532 B", "1.2 kB", "3.4 GB". @param bytes - at least 0. */
export function formatBytes(bytes: Int): string {
  let rest = Number(bytes);
  let unit = 0;
  // 999.95 would be printed as 1000.0 of the smaller unit.
  while (rest >= (unit === 0 ? 1000 : 999.95) && unit < BYTE_UNITS.length - 1) {
    rest /= 1000;
    unit++;
  }
  return `${unit === 0 || rest >= 100 ? Math.round(rest) : rest.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

/** An integer with the digit groups of the person's language; exact beyond 2^53. */
export function formatInt(value: Int, locale?: string): string {
  return new Intl.NumberFormat(locale).format(value);
}
