import { PromiseDelegate } from '@lumino/coreutils';
import { SelectedExperiment } from './selection';

function setUp() {
  const fetched = new PromiseDelegate<unknown>();
  const saved: Array<Readonly<Record<string, string>>> = [];
  const model = new SelectedExperiment({
    fetch: () => fetched.promise,
    save: value => saved.push(value)
  });
  const changes: unknown[] = [];
  model.changed.connect((_, change) => changes.push(change));
  const restored = () =>
    new Promise<void>(resolve =>
      model.changed.connect(() => model.isRestored && resolve())
    );
  return { model, fetched, saved, changes, restored };
}

describe('SelectedExperiment', () => {
  it('should give what was remembered once it has been read, and tell so', async () => {
    const { model, fetched, restored, changes, saved } = setUp();
    expect(model.get('a')).toBeNull();
    const done = restored();
    fetched.resolve({ a: '3', b: '4' });
    await done;
    expect(model.get('a')).toBe('3');
    expect(model.get('b')).toBe('4');
    expect(changes).toEqual([null]);
    expect(saved).toEqual([]);
  });

  it('should prefer what is selected meanwhile over what was remembered', async () => {
    const { model, fetched, restored, saved } = setUp();
    model.select('a', '9');
    model.select('b', null);
    const done = restored();
    fetched.resolve({ a: '3', b: '4', c: '5' });
    await done;
    expect([model.get('a'), model.get('b'), model.get('c')]).toEqual([
      '9',
      null,
      '5'
    ]);
    expect(saved).toEqual([{ a: '9', c: '5' }]);
  });

  it.each([['text'], [42], [null], [{ a: 7, b: { c: 1 } }]])(
    'should take %p for nothing',
    async junk => {
      const { model, fetched, restored } = setUp();
      model.get('a');
      const done = restored();
      fetched.resolve(junk);
      await done;
      expect(model.get('a')).toBeNull();
      expect(model.get('b')).toBeNull();
    }
  );

  it('should work when nothing can be read', async () => {
    const { model, fetched, restored, saved, changes } = setUp();
    model.get('a');
    const done = restored();
    fetched.reject(new Error('no state'));
    await done;
    model.select('a', '1');
    model.select('a', '1');
    expect(saved).toEqual([{ a: '1' }]);
    expect(changes).toEqual([null, { serverId: 'a', experimentId: '1' }]);
  });
});
