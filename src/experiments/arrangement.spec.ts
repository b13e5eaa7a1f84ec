import * as fc from 'fast-check';
import type { Experiment } from '../mlflow';
import {
  arrange,
  DEFAULT_SORT,
  filterOf,
  matches,
  orderOf,
  sortBy,
  type ExperimentSort
} from './arrangement';

function experiment(id: string, over: Partial<Experiment> = {}): Experiment {
  return {
    id,
    name: `experiment ${id}`,
    artifactLocation: '',
    lifecycleStage: 'active',
    creationTime: null,
    lastUpdateTime: null,
    tags: new Map(),
    ...over
  };
}

/** SQL's ILIKE, as the most narrow of the databases reads it: ASCII letters alone are folded. */
function ilike(name: string, pattern: string): boolean {
  const fold = (text: string) =>
    text.replace(/[A-Z]/g, letter => letter.toLowerCase());
  const source = Array.from(fold(pattern), char =>
    char === '%'
      ? '[\\s\\S]*'
      : char === '_'
        ? '[\\s\\S]'
        : char.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  ).join('');
  return new RegExp(`^${source}$`, 'u').test(fold(name));
}

describe('filterOf', () => {
  it('should be empty for nothing', () => {
    expect(filterOf('')).toBe('');
    expect(filterOf('   ')).toBe('');
  });

  it.each([
    ['vision/resnet', "name ILIKE '%vision/resnet%'"],
    [`it's "so"`, "name ILIKE '%it_s _so_%'"],
    ['50%_a\\b`', "name ILIKE '%50__a_b_%'"],
    ['Über 🚀', "name ILIKE '%_ber _%'"]
  ])('should write %p as a pattern without quotes in it', (search, filter) => {
    expect(filterOf(search)).toBe(filter);
  });

  it('should let every matching name through', () => {
    // Letters whose lower case has another length ("İ") are the one exception there is.
    const text = fc
      .string({ unit: 'grapheme', maxLength: 6 })
      .filter(
        value =>
          Array.from(value).length === Array.from(value.toLowerCase()).length &&
          value === value.normalize('NFC')
      );
    fc.assert(
      fc.property(text, text, text, (before, search, after) => {
        const one = experiment('1', { name: before + search + after });
        const pattern = /^name ILIKE '(.*)'$/s.exec(filterOf(search))?.[1];
        fc.pre(matches(one, search) && pattern !== undefined);
        expect(pattern).not.toMatch(/['"`\\]/);
        expect(ilike(one.name, pattern ?? '')).toBe(true);
      })
    );
  });
});

describe('arrange', () => {
  const all = [
    experiment('1', { name: 'run 10', creationTime: 5, lastUpdateTime: 50 }),
    experiment('2', { name: 'run 9', creationTime: 7, lastUpdateTime: 20 }),
    experiment('3', { name: 'Äpfel', creationTime: 6, lastUpdateTime: null })
  ];
  const ids = (sort: ExperimentSort, search = '') =>
    arrange(all, search, sort).map(one => one.id);

  it('should order names as people read them, and times newest first', () => {
    expect(ids(sortBy('name'))).toEqual(['3', '2', '1']);
    expect(ids(sortBy('created'))).toEqual(['2', '3', '1']);
    expect(ids(DEFAULT_SORT)).toEqual(['1', '2', '3']);
    expect(ids({ by: 'updated', descending: false })).toEqual(['3', '2', '1']);
  });

  it('should find names by any part, in capitals or not', () => {
    expect(ids(DEFAULT_SORT, ' ÄPF ')).toEqual(['3']);
    expect(ids(DEFAULT_SORT, 'RUN')).toEqual(['1', '2']);
    expect(ids(DEFAULT_SORT, 'none')).toEqual([]);
  });

  it('should not depend on the order in which the server gave them', () => {
    const times = fc.option(fc.integer({ min: 0, max: 3 }), { nil: null });
    const some = fc
      .array(fc.tuple(times, times, fc.constantFrom('a', 'b')), {
        maxLength: 8
      })
      .map(rows =>
        rows.map(([creationTime, lastUpdateTime, name], i) =>
          experiment(String(i), { name, creationTime, lastUpdateTime })
        )
      );
    fc.assert(
      fc.property(
        some.chain(rows =>
          fc.tuple(
            fc.constant(rows),
            fc.shuffledSubarray(rows, { minLength: rows.length })
          )
        ),
        fc.constantFrom('name', 'created', 'updated'),
        fc.boolean(),
        ([rows, shuffled], by, descending) => {
          const sort = { by, descending } as const;
          expect(arrange(shuffled, '', sort)).toEqual(arrange(rows, '', sort));
        }
      )
    );
  });
});

describe('orderOf', () => {
  it("should speak MLflow's words", () => {
    expect(orderOf(DEFAULT_SORT)).toBe('last_update_time DESC');
    expect(orderOf(sortBy('name'))).toBe('name ASC');
    expect(orderOf(sortBy('created'))).toBe('creation_time DESC');
  });
});
