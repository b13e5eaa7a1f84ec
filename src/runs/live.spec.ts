import { RunListing } from './listing';
import { FakeServer } from './testing/fake-server';
import {
  BY_LOSS,
  clock,
  ids,
  loadAll,
  NEWEST,
  poll,
  server
} from './testing/listings';

describe('RunListing#poll', () => {
  it('should show a new run at the top and a changed status in place', async () => {
    const fake = server(100);
    fake.runs[99].status = 'RUNNING';
    const listing = new RunListing(NEWEST, fake, clock(1));
    await poll(listing);
    fake.runs[99].status = 'FAILED';
    fake.add({ id: 'new', status: 'RUNNING', start: 1000 });
    await poll(listing);
    expect(listing.columns.idAt(0)).toBe('new');
    expect(listing.columns.rows.status(listing.columns.slotAt(1))).toBe(
      'FAILED'
    );
  });

  it('should ask by id for an open run in sight that is not among the newest', async () => {
    const fake = server(200);
    const old = fake.runs[20];
    old.status = 'RUNNING';
    const listing = new RunListing(NEWEST, fake, clock(1));
    await poll(listing);
    await loadAll(listing);
    listing.follower.look({}, [old.id]);
    old.metrics = { loss: -1 };
    await poll(listing);
    const slot = listing.columns.slotOf(old.id) ?? -1;
    expect(listing.columns.rows.metrics.get('loss')?.get(slot)).toBe(-1);
    expect(fake.searches.at(-1)?.filter).toBe("attributes.run_id IN ('r20')");
  });

  it('should ask for few rows only: one small question where nothing runs', async () => {
    const fake = server(100);
    const listing = new RunListing(NEWEST, fake, clock(1));
    await poll(listing);
    const asked = fake.searches.length;
    await poll(listing);
    expect(fake.searches.length).toBe(asked + 1);
    expect(fake.searches[asked].maxResults).toBeLessThanOrEqual(20);
  });

  it('should ask for fewer runs where they are wide', async () => {
    const fake = new FakeServer();
    const metrics = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`m${index}`, index])
    );
    for (let number = 0; number < 50; number++) {
      fake.add({ id: `r${number}`, metrics });
    }
    const listing = new RunListing(NEWEST, fake, clock(1));
    await poll(listing);
    await poll(listing);
    expect(fake.searches.at(-1)?.maxResults).toBe(3);
  });

  it('should forget runs that were deleted elsewhere', async () => {
    const fake = server(100);
    const listing = new RunListing(NEWEST, fake, clock(1));
    await poll(listing);
    await loadAll(listing);
    fake.runs[97].deleted = true;
    fake.runs[10].deleted = true;
    fake.runs[10].status = 'RUNNING';
    listing.follower.look({}, ['r10']);
    await poll(listing, 'all');
    expect(ids(listing)).toEqual(fake.order());
  });

  it('should find many runs that came at once', async () => {
    const fake = server(100);
    const listing = new RunListing(NEWEST, fake, clock(1));
    await poll(listing);
    for (let number = 0; number < 200; number++) {
      fake.add({ id: `n${number}`, start: 1000 + number });
    }
    await poll(listing);
    await loadAll(listing);
    expect(ids(listing)).toEqual(fake.order());
  });

  it('should name new runs whose place only the server knows, and place them when few are loaded', async () => {
    const long = server(500);
    const listing = new RunListing(BY_LOSS, long, clock(1));
    await poll(listing);
    await poll(listing);
    expect(listing.follower.unplaced.size).toBe(0);
    long.add({ id: 'new', start: 1000, metrics: { loss: 500 } });
    await poll(listing);
    expect([...listing.follower.unplaced]).toEqual(['new']);

    const short = server(15);
    const small = new RunListing(BY_LOSS, short, clock(1));
    await poll(small);
    short.add({ id: 'new', start: 1000, metrics: { loss: 500 } });
    await poll(small);
    expect(ids(small)).toEqual(
      short.order({ orderBy: ['metrics.`loss` ASC'] })
    );
  });

  it('should show the first run of an empty experiment', async () => {
    const fake = new FakeServer();
    const listing = new RunListing(NEWEST, fake, clock(1));
    await poll(listing);
    fake.add({ id: 'first' });
    await poll(listing);
    expect(ids(listing)).toEqual(['first']);
  });
});
