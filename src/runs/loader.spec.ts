import { MlflowError } from '../mlflow';
import { RunListing } from './listing';
import { type RunSource } from './loader';
import { type FakeServer, flush } from './testing/fake-server';
import {
  BY_LOSS,
  clock,
  ids,
  loadAll,
  NEWEST,
  poll,
  server
} from './testing/listings';

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
