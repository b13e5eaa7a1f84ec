import { cellHash, cellOfHash, showCellOfAddress } from './address';
import { FakePanel, FakeTracker } from './testing/fake-notebooks';

describe('cellOfHash', () => {
  it.each(['c1', 'a b/ü#%"'])('should read back %j', cellId => {
    expect(cellOfHash(cellHash(cellId))).toBe(cellId);
  });

  it.each(['', '#heading', '#cell-id=%'])('should be null for %j', hash => {
    expect(cellOfHash(hash)).toBeNull();
  });
});

describe('showCellOfAddress', () => {
  it('should show the cell as soon as the notebook is there', async () => {
    const tracker = new FakeTracker();
    const shown = showCellOfAddress(tracker.asTracker, '#cell-id=c2');
    const panel = new FakePanel('a.ipynb', [
      { id: 'c1', executionCount: null },
      { id: 'c2', executionCount: null }
    ]);
    tracker.use(panel);
    await shown;
    expect(panel.content.activeCellIndex).toBe(1);
  });
});
