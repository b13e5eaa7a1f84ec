import * as fc from 'fast-check';
import { exportEntries, type Entry } from './export';

const SOME: Entry[] = [
  ['lr', '0.1'],
  ['loss', 0.25],
  ['nan', NaN],
  ['inf', -Infinity],
  ['odd\t"name"', 'two\nlines']
];

describe('exportEntries', () => {
  it('should write a table that spreadsheets read', () => {
    expect(exportEntries(SOME, 'tsv')).toBe(
      'lr\t0.1\nloss\t0.25\nnan\tNaN\ninf\t-Infinity\n"odd\t""name"""\t"two\nlines"'
    );
  });

  it('should write a Python dictionary', () => {
    expect(exportEntries(SOME.slice(1, 4), 'dict')).toBe(
      '{\n    "loss": 0.25,\n    "nan": float("nan"),\n    "inf": float("-inf")\n}'
    );
  });

  it('should write JSON that says the same', () => {
    const value = fc.oneof(
      fc.string(),
      fc.double().filter(number => !Object.is(number, -0))
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.string(), value), {
          selector: ([key]) => key
        }),
        entries => {
          const read: unknown = JSON.parse(exportEntries(entries, 'json'));
          const expected = entries.map(([key, one]) => [
            key,
            typeof one === 'number' && !Number.isFinite(one) ? String(one) : one
          ]);
          expect(new Map(Object.entries(read as object))).toEqual(
            new Map(expected as Array<[string, unknown]>)
          );
        }
      )
    );
  });
});
