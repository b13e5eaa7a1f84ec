import { cellOrigin, cellsOf } from './cell';

const tags = (values: Record<string, string>) =>
  new Map(Object.entries(values));

describe('cellOrigin', () => {
  it('should read notebook and cell from the tags of a run', () => {
    expect(
      cellOrigin(
        tags({
          'jupyter.notebook_id': 'n1',
          'jupyter.notebook_path': 'work/train.ipynb',
          'jupyter.cell_id': 'c1'
        })
      )
    ).toEqual({ notebookId: 'n1', path: 'work/train.ipynb', cellId: 'c1' });
  });

  it('should be nothing without a notebook', () => {
    expect(cellOrigin(tags({ 'jupyter.cell_id': 'c1' }))).toBeNull();
  });

  it.each([
    ['/work/a.ipynb', 'work/a.ipynb'],
    ['work/ü 1: "x".ipynb', 'work/ü 1: "x".ipynb'],
    ['../secret.ipynb', null],
    ['work/../../secret.ipynb', null],
    ['work\\..\\..\\secret.ipynb', null],
    ['work/a\0.ipynb', null],
    ['///', null],
    ['x'.repeat(5000), null]
  ])('should take %j for the path %j', (path, expected) => {
    const origin = cellOrigin(
      tags({ 'jupyter.notebook_id': 'n1', 'jupyter.notebook_path': path })
    );
    expect(origin?.path).toBe(expected);
  });
});

describe('cellsOf', () => {
  it('should give ids and counts', () => {
    expect(
      cellsOf({
        cells: [
          { id: 'a', execution_count: 3 },
          { id: 'b', execution_count: null },
          { cell_type: 'markdown' }
        ]
      })
    ).toEqual([
      { id: 'a', executionCount: 3 },
      { id: 'b', executionCount: null },
      { id: null, executionCount: null }
    ]);
  });

  it.each([null, 'text', [], {}, { cells: 'none' }, { cells: [null, 1] }])(
    'should be empty for %j',
    content => {
      expect(cellsOf(content)).toEqual([]);
    }
  );
});
