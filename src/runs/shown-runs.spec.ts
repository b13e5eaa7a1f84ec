import fc from 'fast-check';
import { recordedIn } from './recorded';
import { ShownRuns } from './shown-runs';
import { RunColumns } from './store';
import { give, type FakeRun } from './testing/fake-server';

function run(id: string, isRecorded: boolean): FakeRun {
  return {
    id,
    start: 1000,
    status: 'FINISHED',
    metrics: {},
    params: {},
    tags: isRecorded ? { 'jupyter.recorded': 'cell' } : {}
  };
}

function append(columns: RunColumns, runs: ReadonlyArray<FakeRun>): void {
  const page = columns.page();
  runs.forEach(each => give(each, page));
  columns.append(page);
}

function idsOf(shown: ShownRuns): string[] {
  return Array.from({ length: shown.length }, (_, row) => shown.idAt(row));
}

describe('ShownRuns', () => {
  it('should have the runs that are not hidden, in their order, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.boolean(), { maxLength: 8 })), pages => {
        const columns = new RunColumns();
        const shown = new ShownRuns(columns, recordedIn);
        const expected: string[] = [];
        pages.forEach((page, number) => {
          const runs = page.map((is, at) => run(`${number}-${at}`, is));
          append(columns, runs);
          expected.push(
            ...runs.filter((_, at) => !page[at]).map(({ id }) => id)
          );
          expect(idsOf(shown)).toEqual(expected);
        });
        expected.forEach((id, row) => {
          expect(shown.rowOf(id)).toBe(row);
          expect(columns.rows.id(shown.slotAt(row))).toBe(id);
        });
      })
    );
  });

  it('should know no row of one that is hidden', () => {
    const columns = new RunColumns();
    append(columns, [run('a', false), run('b', true), run('c', false)]);
    const shown = new ShownRuns(columns, recordedIn);
    expect(shown.rowOf('b')).toBe(-1);
    expect(shown.rowOf('unknown')).toBe(-1);
    expect(shown.rowOf('c')).toBe(1);
  });

  it('should count hidden ones behind the last row as seen, so that more is loaded', () => {
    const columns = new RunColumns();
    append(columns, [
      run('a', false),
      run('b', true),
      run('c', false),
      run('d', true),
      run('e', true)
    ]);
    const shown = new ShownRuns(columns, recordedIn);
    expect(shown.placeOf(0)).toBe(0);
    expect(shown.placeOf(1)).toBe(4);
    const none = new RunColumns();
    append(none, [run('a', true), run('b', true)]);
    // Nothing is in sight, and the next page may have something.
    expect(new ShownRuns(none, recordedIn).placeOf(-1)).toBe(1);
    expect(new ShownRuns(new RunColumns(), recordedIn).placeOf(-1)).toBe(-1);
  });

  it('should be all of them where nothing is recorded', () => {
    const columns = new RunColumns();
    append(columns, [run('a', false), run('b', false)]);
    expect(idsOf(new ShownRuns(columns, recordedIn))).toEqual(['a', 'b']);
  });
});
