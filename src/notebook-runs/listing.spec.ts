import { FakeServer } from '../runs/testing/fake-server';
import { ExperimentFinder } from './finder';
import { NotebookListing } from './listing';
import { FakeStore } from './testing/fake-store';

function setUp(known: string[] = [], hint: string | null = null) {
  const store = FakeStore.of(3);
  const server = new FakeServer();
  const found: string[][] = [];
  const listing = new NotebookListing({
    query: {
      experimentIds: [],
      filter: 'of the notebook',
      order: null,
      viewType: 'ACTIVE_ONLY'
    },
    source: server,
    finder: new ExperimentFinder(
      store.source,
      'of the notebook',
      () => ({ isBusy: true, count: 1 }),
      known,
      () => store.now
    ),
    hints: () => (hint === null ? [] : [hint]),
    onFound: ids => found.push([...ids])
  });
  const poll = () => {
    store.now += 1000;
    return listing.poll(new AbortController().signal);
  };
  return { store, server, found, listing, poll };
}

describe('NotebookListing', () => {
  it('should list the runs of experiments as they are found', async () => {
    const { store, server, found, listing, poll } = setUp();
    await poll();
    expect(listing.loader.isLoaded).toBe(true);
    server.add({ id: 'r1' });
    store.runs.set('2', 1);
    await poll();
    expect(found).toEqual([['2']]);
    expect(server.searches.at(-1)).toMatchObject({
      experimentIds: ['2'],
      filter: 'of the notebook'
    });
    expect(listing.columns.rowOf('r1')).toBe(0);
  });

  it('should read older runs of an experiment that is found later', async () => {
    const { store, server, listing, poll } = setUp(['1']);
    for (let number = 0; number < 40; number++) {
      server.add({ id: `r${number}` });
    }
    await poll();
    const before = server.searches.length;
    store.runs.set('3', 1);
    await poll();
    expect(
      server.searches.slice(before).map(({ experimentIds }) => experimentIds)
    ).toContainEqual(['1', '3']);
    expect(listing.columns.length).toBeGreaterThan(20);
  });

  it('should ask about the experiment of the kernel from the start', async () => {
    const { server, listing, poll } = setUp([], '7');
    server.add({ id: 'r1' });
    await poll();
    expect(server.searches[0].experimentIds).toEqual(['7']);
    expect(listing.columns.length).toBe(1);
  });

  it('should ask for relatives that the notebook made, and no others', async () => {
    const { server, listing, poll } = setUp(['1']);
    server.add({ id: 'child', tags: { 'mlflow.parentRunId': 'parent' } });
    await poll();
    await listing.family.loadParents(new AbortController().signal);
    expect(server.searches.at(-1)?.filter).toBe(
      "attributes.run_id IN ('parent') AND of the notebook"
    );
  });
});
