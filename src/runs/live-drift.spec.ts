import fc from 'fast-check';
import { RunListing } from './listing';
import { flush } from './testing/fake-server';
import { clock, ids, loadAll, NEWEST, poll, server } from './testing/listings';

type Step =
  | { readonly kind: 'create' | 'delete' | 'finish'; readonly pick: number }
  | { readonly kind: 'more' | 'poll' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom(
      'create' as const,
      'delete' as const,
      'finish' as const
    ),
    pick: fc.nat()
  }),
  fc.record({ kind: fc.constantFrom('more' as const, 'poll' as const) })
);

describe('a listing that is read while runs come and go', () => {
  it('should hold each run that was there all along exactly once, in the order of the server', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 150 }),
        fc.array(step, { maxLength: 40 }),
        async (count, steps) => {
          const fake = server(count);
          const listing = new RunListing(NEWEST, fake, clock(150));
          await poll(listing);
          let next = 10_000;
          for (const one of steps) {
            const alive = fake.runs.filter(run => run.deleted !== true);
            switch (one.kind) {
              case 'create':
                fake.add({ id: `n${next}`, start: next++, status: 'RUNNING' });
                break;
              case 'delete':
                if (alive.length > 0) {
                  alive[one.pick % alive.length].deleted = true;
                }
                break;
              case 'finish':
                if (alive.length > 0) {
                  alive[one.pick % alive.length].status = 'FINISHED';
                }
                break;
              case 'more':
                listing.loader.want(listing.columns.length);
                await flush();
                break;
              case 'poll':
                await poll(listing);
            }
          }
          await loadAll(listing);
          await poll(listing);
          await loadAll(listing);
          const shown = ids(listing);
          expect(new Set(shown).size).toBe(shown.length);
          // A deleted run out of sight may stay until somebody looks at it; nothing else may be missing or misplaced.
          const there = new Set(fake.order());
          expect(shown.filter(id => there.has(id))).toEqual(fake.order());
          listing.follower.look({}, shown);
          await poll(listing, 'all');
          expect(ids(listing)).toEqual(fake.order());
        }
      ),
      { numRuns: 150 }
    );
  });
});

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
