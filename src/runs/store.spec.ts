import fc from 'fast-check';
import { RunColumns } from './store';
import { give, type FakeRun } from './testing/fake-server';

const value = fc.oneof(
  fc.double(),
  fc.constantFrom(NaN, Infinity, -Infinity, 0, -0)
);
const key = fc.oneof(
  fc.constantFrom('loss', 'acc', '__proto__', 'constructor', ''),
  fc.string({ maxLength: 8 })
);

const run = (id: string): fc.Arbitrary<FakeRun> =>
  fc.record({
    id: fc.constant(id),
    start: fc.integer({ min: 1, max: 1e13 }),
    status: fc.constantFrom('RUNNING', 'FINISHED', 'FAILED', 'a new word'),
    name: fc.string(),
    metrics: fc.dictionary(key, value, { maxKeys: 5, noNullPrototype: true }),
    params: fc.dictionary(key, fc.string(), {
      maxKeys: 5,
      noNullPrototype: true
    }),
    tags: fc.dictionary(key, fc.string(), { maxKeys: 5, noNullPrototype: true })
  });

const runs = (ids: fc.Arbitrary<string[]>): fc.Arbitrary<FakeRun[]> =>
  ids.chain(list => fc.tuple<FakeRun[]>(...list.map(run)));

const someIds = fc.uniqueArray(
  fc.integer({ min: 0, max: 400 }).map(number => `r${number}`),
  { maxLength: 60 }
);

function page(columns: RunColumns, given: ReadonlyArray<FakeRun>) {
  const target = columns.page();
  target.begin(given.length);
  given.forEach(one => give(one, target));
  target.end(null);
  return target;
}

function read(columns: RunColumns, slot: number): FakeRun {
  const { rows } = columns;
  const texts = (from: typeof rows.params): Record<string, string> =>
    Object.fromEntries(
      from.keys.flatMap(one => {
        const text = from.get(one)?.get(slot);
        return text === undefined ? [] : [[one, text]];
      })
    );
  return {
    id: rows.id(slot),
    start: rows.startTime(slot) ?? NaN,
    status: rows.status(slot),
    name: rows.name(slot),
    metrics: Object.fromEntries(
      rows.metrics.keys.flatMap(one => {
        const number = rows.metrics.get(one)?.get(slot);
        return number === undefined ? [] : [[one, number]];
      })
    ),
    params: texts(rows.params),
    tags: texts(rows.tags)
  };
}

const all = (columns: RunColumns): FakeRun[] =>
  Array.from({ length: columns.length }, (_, row) =>
    read(columns, columns.slotAt(row))
  );
const ids = (columns: RunColumns): string[] =>
  Array.from({ length: columns.length }, (_, row) => columns.idAt(row));

describe('RunColumns', () => {
  it('should give back what was put in, in the order of the server', () => {
    fc.assert(
      fc.property(runs(someIds), given => {
        const columns = new RunColumns();
        columns.append(page(columns, given));
        expect(all(columns)).toEqual(given);
        given.forEach((one, row) => expect(columns.rowOf(one.id)).toBe(row));
      })
    );
  });

  it('should not change, nor say that it did, when the same answer comes again', () => {
    fc.assert(
      fc.property(runs(someIds), given => {
        const columns = new RunColumns();
        columns.append(page(columns, given));
        const version = columns.version;
        const emitted = jest.fn();
        columns.changed.connect(emitted);
        columns.append(page(columns, given));
        columns.update(page(columns, given));
        columns.merge(page(columns, given));
        expect(columns.version).toBe(version);
        expect(emitted).not.toHaveBeenCalled();
        expect(all(columns)).toEqual(given);
      })
    );
  });

  it('should take new values of known runs in their place, and leave unknown ones out of an update', () => {
    fc.assert(
      fc.property(runs(someIds), runs(someIds), (before, after) => {
        const columns = new RunColumns();
        columns.append(page(columns, before));
        const { added } = columns.update(page(columns, after));
        const newer = new Map(after.map(one => [one.id, one]));
        expect(all(columns)).toEqual(
          before.map(one => newer.get(one.id) ?? one)
        );
        const known = new Set(before.map(one => one.id));
        expect(added).toEqual(
          after.map(one => one.id).filter(id => !known.has(id))
        );
      })
    );
  });

  it('should append unknown runs only', () => {
    fc.assert(
      fc.property(runs(someIds), runs(someIds), (first, second) => {
        const columns = new RunColumns();
        columns.append(page(columns, first));
        columns.append(page(columns, second));
        const known = first.map(one => one.id);
        expect(ids(columns)).toEqual([
          ...known,
          ...second.map(one => one.id).filter(id => !known.includes(id))
        ]);
      })
    );
  });

  it('should merge the head of a list into any remainder of it', () => {
    fc.assert(
      fc.property(
        someIds,
        fc.infiniteStream(fc.boolean()),
        fc.nat(),
        (list, coin, cut) => {
          // The server's list; we know some of it, and the answer is its head.
          const known = list.filter(() => coin.next().value);
          const head = list.slice(
            0,
            list.length === 0 ? 0 : cut % (list.length + 1)
          );
          const columns = new RunColumns();
          const plain = (id: string): FakeRun => ({
            id,
            start: 1,
            status: 'FINISHED'
          });
          columns.append(page(columns, known.map(plain)));
          columns.merge(page(columns, head.map(plain)));
          const expected = list.filter(
            id => known.includes(id) || head.includes(id)
          );
          const overlap = head.some(id => known.includes(id));
          expect(
            overlap || known.length === 0
              ? ids(columns)
              : [...ids(columns)].sort()
          ).toEqual(
            overlap || known.length === 0 ? expected : [...expected].sort()
          );
        }
      )
    );
  });

  it('should forget what is removed, and reuse its room without mixing values', () => {
    fc.assert(
      fc.property(
        runs(someIds),
        runs(someIds),
        fc.infiniteStream(fc.boolean()),
        (first, second, coin) => {
          const columns = new RunColumns();
          columns.append(page(columns, first));
          const gone = first.filter(() => coin.next().value).map(one => one.id);
          columns.remove(gone);
          const left = first.filter(one => !gone.includes(one.id));
          expect(all(columns)).toEqual(left);
          const fresh = second.filter(
            one => !left.some(known => known.id === one.id)
          );
          columns.append(page(columns, fresh));
          expect(all(columns)).toEqual([...left, ...fresh]);
          expect(columns.rows.capacity).toBeLessThanOrEqual(
            Math.max(first.length, left.length + fresh.length)
          );
        }
      )
    );
  });

  it('should replace everything', () => {
    fc.assert(
      fc.property(runs(someIds), runs(someIds), (first, second) => {
        const columns = new RunColumns();
        columns.append(page(columns, first));
        columns.addAside(
          page(columns, [{ id: 'aside', start: 1, status: 'RUNNING' }])
        );
        columns.replace(page(columns, second));
        expect(all(columns)).toEqual(second);
        expect(columns.slotOf('aside')).toBeUndefined();
        expect(columns.aside.size).toBe(0);
      })
    );
  });

  it('should leave nothing behind of an answer that broke off', () => {
    const columns = new RunColumns();
    columns.append(
      page(columns, [
        { id: 'a', start: 1, status: 'RUNNING', metrics: { loss: 1 } }
      ])
    );
    const broken = columns.page();
    broken.begin(2);
    give(
      { id: 'a', start: 1, status: 'FINISHED', metrics: { loss: 2 } },
      broken
    );
    give(
      { id: 'b', start: 2, status: 'FINISHED', metrics: { loss: 3 } },
      broken
    );
    broken.discard();
    expect(
      all(columns).map(one => [one.id, one.status, one.metrics?.loss])
    ).toEqual([['a', 'RUNNING', 1]]);
    expect(columns.slotOf('b')).toBeUndefined();
    expect(columns.rows.metrics.get('loss')?.count).toBe(1);
  });

  it('should give a run a place in the order when the listing reaches one that stood beside it', () => {
    const columns = new RunColumns();
    columns.append(
      page(columns, [{ id: 'child', start: 2, status: 'FINISHED' }])
    );
    columns.addAside(
      page(columns, [{ id: 'parent', start: 1, status: 'FINISHED' }])
    );
    expect(columns.rowOf('parent')).toBe(-1);
    columns.append(
      page(columns, [{ id: 'parent', start: 1, status: 'FINISHED' }])
    );
    expect(ids(columns)).toEqual(['child', 'parent']);
    expect(columns.aside.size).toBe(0);
  });

  it('should give a changed run a stamp that its place has not had before', () => {
    const columns = new RunColumns();
    const stamps = new Set<number>();
    for (let turn = 0; turn < 6; turn++) {
      const next = page(columns, [
        { id: 'a', start: 1, status: turn % 2 === 0 ? 'RUNNING' : 'FINISHED' }
      ]);
      columns.append(next);
      stamps.add(columns.rows.stamp(columns.slotAt(0)));
    }
    expect(stamps.size).toBe(6);
  });

  it('should not pile up the values of a tag that changes again and again', () => {
    const columns = new RunColumns();
    for (let turn = 0; turn < 5000; turn++) {
      columns.append(
        page(columns, [
          {
            id: 'a',
            start: 1,
            status: 'RUNNING',
            tags: { progress: String(turn) }
          }
        ])
      );
    }
    const tag = columns.rows.tags.get('progress');
    expect(tag?.get(columns.slotAt(0))).toBe('4999');
    expect(tag?.distinct(Infinity).length).toBeLessThan(2000);
  });
});
