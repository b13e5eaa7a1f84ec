import { RunListing } from './listing';
import { clock, ids, loadAll, NEWEST, poll, server } from './testing/listings';

describe('RunFamily', () => {
  it('should read parents that nobody has loaded, each once, and all children of a run', async () => {
    const fake = server(0);
    fake.add({ id: 'parent', start: 1 });
    for (let number = 0; number < 250; number++) {
      fake.add({ id: `x${number}`, start: 10 + number });
    }
    fake.add({
      id: 'early',
      start: 2,
      tags: { 'mlflow.parentRunId': 'parent' }
    });
    fake.add({
      id: 'late',
      start: 1000,
      tags: { 'mlflow.parentRunId': 'parent' }
    });
    fake.add({
      id: 'orphan',
      start: 1001,
      tags: { 'mlflow.parentRunId': 'gone' }
    });
    const listing = new RunListing(NEWEST, fake, clock(1));
    await poll(listing);
    const { signal } = new AbortController();
    await listing.family.loadParents(signal);
    expect(listing.columns.slotOf('parent')).toBeDefined();
    expect(listing.columns.rowOf('parent')).toBe(-1);
    const asked = fake.searches.length;
    await listing.family.loadParents(signal);
    expect(fake.searches.length).toBe(asked);
    await listing.family.loadChildren('parent', signal);
    expect(listing.columns.slotOf('early')).toBeDefined();
    await loadAll(listing);
    expect(ids(listing)).toEqual(fake.order());
  });
});
