import fc from 'fast-check';
import { MlflowError } from '../mlflow';
import { RunListing } from './listing';
import { type RunSource } from './loader';
import { FakeServer, flush } from './testing/fake-server';
import { type RunQuery } from './tokens';

const NEWEST: RunQuery = {
  experimentIds: ['1'],
  filter: '',
  order: null,
  viewType: 'ACTIVE_ONLY'
};
const BY_LOSS: RunQuery = {
  ...NEWEST,
  order: { by: 'metrics.`loss`', descending: false }
};

/** A clock that says each answer took `ms` milliseconds. */
function clock(ms: number): () => number {
  let now = 0;
  return () => (now += ms);
}

function server(count: number): FakeServer {
  const fake = new FakeServer();
  for (let number = 0; number < count; number++) {
    fake.add({ id: `r${number}`, metrics: { loss: (number * 7919) % 1000 } });
  }
  return fake;
}

/** The server with other page tokens. */
function withToken(
  fake: FakeServer,
  write: (token: string | null) => string | null
): RunSource {
  return {
    searchInto: (sink, search, signal) =>
      fake.searchInto(
        {
          begin: count => sink.begin(count),
          run: info => sink.run(info),
          param: (key, value) => sink.param(key, value),
          metric: (key, value, at, step) => sink.metric(key, value, at, step),
          tag: (key, value) => sink.tag(key, value),
          end: token => sink.end(write(token))
        },
        { ...search, pageToken: search.pageToken?.replace('opaque:', '') },
        signal
      )
  };
}

function ids(listing: RunListing): string[] {
  return Array.from({ length: listing.columns.length }, (_, row) =>
    listing.columns.idAt(row)
  );
}

const poll = (listing: RunListing, how?: 'usual' | 'all'): Promise<void> =>
  listing.poll(new AbortController().signal, how);

async function loadAll(listing: RunListing): Promise<void> {
  for (let pages = 0; pages < 300 && !listing.loader.isComplete; pages++) {
    listing.loader.want(listing.columns.length);
    await flush();
    expect(listing.loader.moreError).toBeNull();
  }
}

describe('RunListing', () => {
  it('should ask for a screen first, then for as many rows as come quickly', async () => {
    const fake = server(5000);
    const listing = new RunListing(NEWEST, fake, clock(1));
    await poll(listing);
    expect(listing.columns.length).toBe(20);
    await loadAll(listing);
    expect(ids(listing)).toEqual(fake.order());
    expect(fake.searches.slice(0, 5).map(search => search.maxResults)).toEqual([
      20, 100, 500, 500, 500
    ]);
  });

  it('should ask for few rows where each takes long', async () => {
    const fake = server(200);
    const listing = new RunListing(NEWEST, fake, clock(270));
    await poll(listing);
    listing.loader.want(0);
    await flush();
    expect(fake.searches.map(search => search.maxResults)).toEqual([
      20, 22, 24
    ]);
  });

  it('should load no further than somebody looks', async () => {
    const fake = server(5000);
    const listing = new RunListing(NEWEST, fake, clock(300));
    await poll(listing);
    listing.loader.want(19);
    await flush();
    const loaded = listing.columns.length;
    expect(loaded).toBeGreaterThan(60);
    expect(loaded).toBeLessThan(100);
    listing.loader.want(5);
    await flush();
    expect(listing.columns.length).toBe(loaded);
  });

  it('should end where the server gives a token after a last page that is exactly full', async () => {
    const fake = server(20);
    const source = withToken(fake, token => token ?? btoa('{"offset": 20}'));
    const listing = new RunListing(NEWEST, source, clock(1));
    await poll(listing);
    expect(listing.loader.isComplete).toBe(false);
    await loadAll(listing);
    expect(listing.loader.isComplete).toBe(true);
    expect(listing.columns.length).toBe(20);
  });

  it('should follow a token that it cannot read', async () => {
    const fake = server(100);
    const source = withToken(fake, token => token && `opaque:${token}`);
    const listing = new RunListing(NEWEST, source, clock(1));
    await poll(listing);
    await loadAll(listing);
    expect(ids(listing)).toEqual(fake.order());
  });

  it('should say why a page did not come, keep what it has, and go on after a retry', async () => {
    const fake = server(300);
    const listing = new RunListing(NEWEST, fake, clock(1));
    await poll(listing);
    fake.failure = new MlflowError('unreachable', 'gone');
    listing.loader.want(20);
    await flush();
    expect(listing.loader.moreError?.message).toBe('gone');
    expect(listing.columns.length).toBe(20);
    const asked = fake.searches.length;
    listing.loader.want(20);
    await flush();
    expect(fake.searches.length).toBe(asked);
    fake.failure = null;
    listing.loader.retry();
    await flush();
    expect(listing.loader.moreError).toBeNull();
    expect(listing.columns.length).toBeGreaterThan(20);
  });

  it('should go on by itself when a poll finds the server again', async () => {
    const fake = server(300);
    const listing = new RunListing(NEWEST, fake, clock(1));
    await poll(listing);
    fake.failure = new MlflowError('unreachable', 'gone');
    listing.loader.want(20);
    await flush();
    fake.failure = null;
    await poll(listing);
    expect(listing.loader.moreError).toBeNull();
  });

  it('should leave nothing of an aborted answer', async () => {
    const fake = server(30);
    const listing = new RunListing(NEWEST, fake, clock(1));
    fake.hold();
    const aborter = new AbortController();
    const first = listing.poll(aborter.signal);
    aborter.abort();
    await Promise.all([
      expect(first).rejects.toMatchObject({ name: 'AbortError' }),
      fake.release()
    ]);
    expect(listing.columns.length).toBe(0);
    expect(listing.loader.isLoaded).toBe(false);
  });

  it('should not take a page that was asked for before the listing was read anew', async () => {
    const fake = server(300);
    const listing = new RunListing(BY_LOSS, fake, clock(1));
    await poll(listing);
    fake.hold();
    listing.loader.want(20);
    await flush();
    for (const run of fake.runs) {
      run.metrics = { loss: 1000 - (run.metrics?.loss ?? 0) };
    }
    const anew = listing.follower.reload(new AbortController().signal);
    await fake.release(true);
    await anew;
    await flush();
    await loadAll(listing);
    expect(ids(listing)).toEqual(
      fake.order({ orderBy: ['metrics.`loss` ASC'] })
    );
  });
});

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
