import fc from 'fast-check';
import { RunColumns } from './store';
import { give, type FakeRun } from './testing/fake-server';
import { Branch, buildTree, type RunTree } from './tree';

function columnsOf(
  runs: ReadonlyArray<[id: string, parent?: string]>,
  aside: ReadonlyArray<[string, string?]> = []
): RunColumns {
  const columns = new RunColumns();
  const fill = (list: ReadonlyArray<[string, string?]>) => {
    const page = columns.page();
    list.forEach(([id, parent]) => {
      const run: FakeRun = { id, start: 1, status: 'FINISHED' };
      give(
        parent === undefined
          ? run
          : { ...run, tags: { 'mlflow.parentRunId': parent } },
        page
      );
    });
    return page;
  };
  columns.append(fill(runs));
  columns.addAside(fill(aside));
  return columns;
}

const lines = (columns: RunColumns, tree: RunTree): string[] =>
  Array.from(
    { length: tree.length },
    (_, line) =>
      '-'.repeat(tree.depthAt(line)) + columns.rows.id(tree.slotAt(line))
  );

describe('buildTree', () => {
  it('should list runs as they are where none is nested', () => {
    const columns = columnsOf([['a'], ['b']]);
    expect(
      lines(
        columns,
        buildTree(columns, () => true)
      )
    ).toEqual(['a', 'b']);
  });

  it('should leave out hidden runs, and their children at the top level if they are not', () => {
    const columns = columnsOf([['c1', 'p'], ['x'], ['c2', 'p'], ['p']]);
    const hidden = (...ids: string[]) =>
      buildTree(
        columns,
        () => true,
        slot => ids.includes(columns.rows.id(slot))
      );
    expect(lines(columns, hidden('p', 'c1', 'c2'))).toEqual(['x']);
    expect(lines(columns, hidden('c1'))).toEqual(['x', 'p', '-c2']);
    expect(lines(columns, hidden('p'))).toEqual(['c1', 'x', 'c2']);
  });

  it('should put children under their parent, where the first of the family stands', () => {
    const columns = columnsOf([['c2', 'p'], ['x'], ['c1', 'p'], ['p']]);
    expect(
      lines(
        columns,
        buildTree(columns, () => true)
      )
    ).toEqual(['p', '-c2', '-c1', 'x']);
    const closed = buildTree(columns, () => false);
    expect(lines(columns, closed)).toEqual(['p', 'x']);
    expect(closed.branchAt(0)).toBe(Branch.closed);
    expect(closed.branchAt(1)).toBe(Branch.leaf);
  });

  it('should show parents that stand beside the order, and children without a parent at the top', () => {
    const columns = columnsOf(
      [
        ['c', 'p'],
        ['lonely', 'gone']
      ],
      [['p']]
    );
    expect(
      lines(
        columns,
        buildTree(columns, () => true)
      )
    ).toEqual(['p', '-c', 'lonely']);
  });

  it('should show every run of the order once, whatever the parents say, circles too', () => {
    const name = fc.integer({ min: 0, max: 12 }).map(String);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, fc.option(name, { nil: undefined })), {
          selector: ([id]) => id
        }),
        fc.func(fc.boolean()),
        (runs, isOpen) => {
          const columns = columnsOf(runs);
          const open = buildTree(columns, () => true);
          const shown = lines(columns, open).map(line =>
            line.replace(/^-+/, '')
          );
          expect([...shown].sort()).toEqual(runs.map(([id]) => id).sort());
          const some = lines(columns, buildTree(columns, isOpen));
          expect(new Set(some).size).toBe(some.length);
        }
      )
    );
  });
});
