import { ExperimentFinder } from './finder';
import { FakeStore } from './testing/fake-store';

const kernel = { isBusy: false, count: 0 };

function finderOf(store: FakeStore, known: string[] = []): ExperimentFinder {
  return new ExperimentFinder(
    store.source,
    'filter',
    () => ({ ...kernel }),
    known,
    () => store.now
  );
}

const look = (finder: ExperimentFinder, thorough?: boolean) =>
  finder.look(new AbortController().signal, thorough);

/** Looks so often, with time enough between. */
async function looks(
  store: FakeStore,
  finder: ExperimentFinder,
  times: number
): Promise<void> {
  for (let time = 0; time < times; time++) {
    store.now += 1000;
    await look(finder);
  }
}

describe('ExperimentFinder', () => {
  beforeEach(() => {
    kernel.isBusy = false;
    kernel.count = 0;
  });

  it('should find the experiments that hold runs of the notebook', async () => {
    const store = FakeStore.of(5);
    store.runs.set('2', 1).set('4', 3);
    const finder = finderOf(store);
    expect(await look(finder)).toBe(true);
    expect([...finder.known].sort()).toEqual(['2', '4']);
    expect(store.asked).toEqual([['5', '4', '3', '2', '1']]);
  });

  it('should ask about a thousand at a time where there are more, the newest first', async () => {
    const store = FakeStore.of(2500);
    store.runs.set('1', 1);
    const finder = finderOf(store);
    await looks(store, finder, 3);
    expect([...finder.known]).toEqual(['1']);
    expect(store.asked.map(({ length }) => length)).toEqual([1000, 1000, 500]);
    expect(store.asked[0][0]).toBe('2500');
  });

  it('should ask on where an answer was full, as other experiments may hold older runs', async () => {
    const store = FakeStore.of(3);
    store.runs.set('3', 50).set('1', 1);
    const finder = finderOf(store);
    await looks(store, finder, 2);
    expect([...finder.known].sort()).toEqual(['1', '3']);
  });

  it('should not ask about what is known', async () => {
    const store = FakeStore.of(3);
    const finder = finderOf(store, ['2', 'gone']);
    expect(await look(finder)).toBe(false);
    expect(store.asked).toEqual([['3', '1']]);
  });

  it('should rest with the kernel, but for a look now and then', async () => {
    const store = FakeStore.of(3);
    const finder = finderOf(store);
    await looks(store, finder, 31);
    expect(store.asked).toHaveLength(4);
    expect(store.listed).toEqual([1000, 20, 20, 20]);
  });

  it('should look each time while the kernel is busy, and once more when it has come to rest', async () => {
    const store = FakeStore.of(3);
    const finder = finderOf(store);
    await looks(store, finder, 1);
    kernel.isBusy = true;
    kernel.count++;
    await looks(store, finder, 3);
    kernel.isBusy = false;
    kernel.count++;
    await looks(store, finder, 5);
    expect(store.asked).toHaveLength(5);
  });

  it('should ask about a new experiment at once, whichever page it was at', async () => {
    const store = FakeStore.of(2500);
    const finder = finderOf(store);
    kernel.isBusy = true;
    await looks(store, finder, 4);
    store.ids.unshift('new');
    store.runs.set('new', 1);
    store.now += 1000;
    expect(await look(finder)).toBe(true);
    expect(store.asked.at(-1)?.[0]).toBe('new');
    expect([...finder.known]).toEqual(['new']);
  });

  it('should read the list anew where so many are new that some may be missing', async () => {
    const store = FakeStore.of(3);
    const finder = finderOf(store);
    kernel.isBusy = true;
    await looks(store, finder, 1);
    store.ids = FakeStore.of(100).ids;
    store.runs.set('50', 1);
    await looks(store, finder, 2);
    expect([...finder.known]).toEqual(['50']);
  });

  it('should use an eighth of a slow server at most', async () => {
    const store = FakeStore.of(3);
    store.takes = 500;
    const finder = finderOf(store);
    kernel.isBusy = true;
    const start = store.now;
    while (store.now - start < 80_000) {
      await look(finder);
      store.now += 100;
    }
    // The first slow answer may be an accident.
    expect(store.asked).toHaveLength(11);
  });

  it('should look from the start when somebody wants it', async () => {
    const store = FakeStore.of(3);
    const finder = finderOf(store);
    await look(finder);
    // It was deleted before, so its time of creation is an old one.
    store.ids.push('restored');
    store.runs.set('restored', 1);
    expect(await look(finder)).toBe(false);
    expect(await look(finder, true)).toBe(true);
  });

  it('should look again after a failure', async () => {
    const store = FakeStore.of(3);
    store.runs.set('1', 1);
    const finder = finderOf(store);
    store.failure = new Error('gone');
    await expect(look(finder)).rejects.toThrow('gone');
    store.failure = null;
    expect(await look(finder)).toBe(true);
  });
});
