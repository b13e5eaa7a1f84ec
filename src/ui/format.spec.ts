import fc from 'fast-check';
import {
  formatBytes,
  formatDuration,
  formatInt,
  formatMetric,
  formatRelative,
  oneLine,
  shortTitle
} from './format';

describe('formatMetric', () => {
  it.each([
    [NaN, 'NaN'],
    [Infinity, '∞'],
    [-Infinity, '−∞'],
    [0, '0'],
    [0.1 + 0.2, '0.3'],
    [123456, '123456'],
    [0.123456789, '0.123457'],
    [1234.5678, '1234.57'],
    [0.00001234, '1.234e-5'],
    [1.5e20, '1.5e20'],
    [-2.5, '-2.5']
  ])('should write %s as %s', (value, text) => {
    expect(formatMetric(value)).toBe(text);
  });

  it('should stay within the width of a column and near the value', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e300, max: 1e300, noNaN: true }),
        value => {
          const text = formatMetric(value);
          expect(text.length).toBeLessThanOrEqual(16);
          const back = Number(text);
          expect(Math.abs(back - value)).toBeLessThanOrEqual(
            Math.abs(value) * 1e-4
          );
        }
      )
    );
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [350, '350 ms'],
    [3210, '3.2 s'],
    [9999, '9.9 s'],
    [59_999, '59 s'],
    [72_000, '1 min 12 s'],
    [7_500_000, '2 h 5 min'],
    [3_600_000, '1 h'],
    [273_600_000, '3 d 4 h'],
    [-1, ''],
    [NaN, '']
  ])('should write %s ms as %s', (duration, text) => {
    expect(formatDuration(duration)).toBe(text);
  });
});

describe('formatRelative', () => {
  const now = Date.UTC(2026, 0, 31, 12);
  it.each([
    [0, 'now'],
    [-20_000, 'now'],
    [7000, '7 sec. ago'],
    [3 * 60_000, '3 min. ago'],
    [5 * 3_600_000, '5 hr. ago'],
    [24 * 3_600_000, 'yesterday'],
    [400 * 86_400_000, 'last yr.']
  ])('should tell an age of %s ms as %s', (age, text) => {
    expect(formatRelative(now - age, now, 'en')).toBe(text);
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_960, '1.0 MB'],
    [123_456_789, '123 MB'],
    [1n << 60n, '1153 PB']
  ])('should write %s as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('formatInt', () => {
  it('should keep what a double cannot', () => {
    expect(formatInt(9007199254740993n, 'en')).toBe('9,007,199,254,740,993');
  });
});

describe('oneLine', () => {
  it('should keep a row at the height of one line, and all other white space', () => {
    expect(oneLine('  a\r\nb\n\nc\u2028d\te ')).toBe('  a↵b↵↵c↵d\te ');
  });
});

describe('shortTitle', () => {
  it('should cut what is too long for a tab, and no character in two', () => {
    expect(shortTitle('run 7')).toBe('run 7');
    expect(shortTitle('a\nb')).toBe('a↵b');
    expect(shortTitle('🚀'.repeat(60))).toBe('🚀'.repeat(60));
    expect(shortTitle('🚀'.repeat(61))).toBe(`${'🚀'.repeat(59)}…`);
  });
});
