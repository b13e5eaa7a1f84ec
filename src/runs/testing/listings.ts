import { type RunListing } from '../listing';
import { type RunQuery } from '../tokens';
import { FakeServer, flush } from './fake-server';

export const NEWEST: RunQuery = {
  experimentIds: ['1'],
  filter: '',
  order: null,
  viewType: 'ACTIVE_ONLY'
};
export const BY_LOSS: RunQuery = {
  ...NEWEST,
  order: { by: 'metrics.`loss`', descending: false }
};

/** A clock that says each answer took `ms` milliseconds. */
export function clock(ms: number): () => number {
  let now = 0;
  return () => (now += ms);
}

export function server(count: number): FakeServer {
  const fake = new FakeServer();
  for (let number = 0; number < count; number++) {
    fake.add({ id: `r${number}`, metrics: { loss: (number * 7919) % 1000 } });
  }
  return fake;
}

export function ids(listing: RunListing): string[] {
  return Array.from({ length: listing.columns.length }, (_, row) =>
    listing.columns.idAt(row)
  );
}

export const poll = (
  listing: RunListing,
  how?: 'usual' | 'all'
): Promise<void> => listing.poll(new AbortController().signal, how);

export async function loadAll(listing: RunListing): Promise<void> {
  for (let pages = 0; pages < 300 && !listing.loader.isComplete; pages++) {
    listing.loader.want(listing.columns.length);
    await flush();
    expect(listing.loader.moreError).toBeNull();
  }
}
