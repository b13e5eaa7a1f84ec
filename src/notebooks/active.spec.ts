import { ActiveNotebook } from './active';
import { FakePanel, FakeTracker } from './testing/fake-notebooks';

function setUp() {
  const tracker = new FakeTracker();
  const active = new ActiveNotebook(tracker.asTracker);
  const seen: Array<string | null> = [];
  active.changed.connect(() => seen.push(active.current?.path ?? null));
  return { tracker, active, seen };
}

describe('ActiveNotebook', () => {
  it('should follow the notebook that is used, and its name', () => {
    const { tracker, active, seen } = setUp();
    expect(active.current).toBeNull();
    const first = new FakePanel('work/a.ipynb');
    tracker.use(first);
    expect(active.current).toEqual({ path: 'work/a.ipynb', name: 'a.ipynb' });
    first.rename('b.ipynb');
    tracker.use(new FakePanel('c.ipynb'));
    first.rename('nobody looks.ipynb');
    tracker.use(null);
    expect(seen).toEqual(['work/a.ipynb', 'b.ipynb', 'c.ipynb', null]);
  });

  it('should tell that the kernel does something, and that it did', () => {
    const { tracker, active } = setUp();
    const panel = new FakePanel('a.ipynb');
    tracker.use(panel);
    const { count } = active.activity;
    expect(active.activity.isBusy).toBe(false);
    panel.setStatus('busy');
    expect(active.activity.isBusy).toBe(true);
    panel.setStatus('idle');
    expect(active.activity.isBusy).toBe(false);
    expect(active.activity.count).not.toBe(count);
  });

  it('should leave its notebook alone when disposed', () => {
    const { tracker, active, seen } = setUp();
    active.dispose();
    tracker.use(new FakePanel('a.ipynb'));
    expect(seen).toEqual([]);
  });
});
