import { Notification } from '@jupyterlab/apputils';
import type { IDisposable } from '@lumino/disposable';
import { someReport } from '../kernel/testing/reports';
import { ApiError } from '../servers/request';
import { ExperimentOffer, experimentNameOf } from './experiment-offer';
import { ABSENT } from './findings/testing/inputs';
import { someServices } from './testing/services';

const settled = () => new Promise(resolve => setTimeout(resolve));

function setUp(
  experimentForNotebook: string | null,
  report: Parameters<typeof someReport>[0] = {},
  given = someServices(report)
) {
  if (experimentForNotebook !== null) {
    given.wishes.take({ experimentForNotebook });
  }
  const cells = { land: true };
  const offer = new ExperimentOffer({
    ...given,
    landsInDefault: () => cells.land
  });
  made.push(offer);
  return { ...given, offer, cells };
}

/** Disposed after each test. */
const made: IDisposable[] = [];

const shown = () => Notification.manager.notifications;

const refused = (code: string) =>
  new ApiError({
    code,
    message: 'The kernel could not do that.',
    hint: 'Restart it.',
    log: null
  });

/** The next process of the same kernel. */
const restarted = () => someReport({ facts: { pid: 77 } });

afterEach(() => {
  made.splice(0).forEach(each => {
    each.dispose();
  });
  Notification.dismiss();
});

describe('experimentNameOf', () => {
  it.each([
    ['train.ipynb', 'train'],
    ['a b/späte Übung.IPYNB', 'späte Übung'],
    ['a/.ipynb', '.ipynb'],
    ['a/notes.md', 'notes.md']
  ])('should call the experiment of %s “%s”', (path, name) => {
    expect(experimentNameOf(path)).toBe(name);
  });
});

describe('ExperimentOffer', () => {
  it('should offer one before MLflow is in use, and change nothing by itself', async () => {
    const { offer, told, remembered } = setUp('ask');
    await settled();
    expect(offer.offered).toEqual({
      name: 'train',
      isLate: false,
      isBeingSet: false
    });
    expect(told).toEqual([]);
    expect(remembered).toEqual([]);
    expect(shown()).toEqual([]);
  });

  it('should tell the kernel and the server when it is accepted', async () => {
    const { offer, told, remembered, watch } = setUp('ask');
    await settled();
    const accepted = offer.accept();
    expect(offer.offered?.isBeingSet).toBe(true);
    await accepted;
    expect(offer.offered).toBeNull();
    expect(told).toEqual([
      { id: 'kernel-1', options: { experiment: 'train' } }
    ]);
    expect(remembered).toEqual([['notebooks/train.ipynb', 'train']]);
    // The kernel says what is so now.
    expect(watch.probes).toBe(1);
    offer.look();
    await settled();
    expect(offer.offered).toBeNull();
  });

  it('should not ask again where the person keeps “Default”', async () => {
    const { offer, told, watch, state } = setUp('ask');
    await settled();
    await offer.decline();
    expect(offer.offered).toBeNull();
    watch.set({ report: restarted() });
    await settled();
    expect(offer.offered).toBeNull();
    expect(told).toEqual([]);

    const again = someServices();
    for (const [key, value] of state.kept) {
      again.state.kept.set(key, value);
    }
    const { offer: other } = setUp('ask', {}, again);
    await settled();
    expect(other.offered).toBeNull();
  });

  it('should say of runs that were made meanwhile that they are in “Default”', async () => {
    const { offer, watch } = setUp('ask');
    await settled();
    const seen = jest.fn();
    offer.changed.connect(seen);
    offer.runsWereMade();
    expect(seen).toHaveBeenCalledTimes(1);
    expect(offer.offered).toEqual({
      name: 'train',
      isLate: true,
      isBeingSet: false
    });
    watch.set({ report: restarted() });
    await settled();
    expect(offer.offered?.isLate).toBe(true);
  });

  it('should stay as it is while the kernel is busy, and go with the kernel', async () => {
    const { offer, watch } = setUp('ask');
    await settled();
    watch.set({ state: 'unknown', reason: 'busy' });
    await settled();
    expect(offer.offered).not.toBeNull();
    watch.set({ kernelId: null, state: 'unknown', report: null });
    await settled();
    expect(offer.offered).toBeNull();
  });

  it('should go when the notebook chooses one', async () => {
    const { offer, watch, cells } = setUp('ask');
    await settled();
    cells.land = false;
    offer.look();
    expect(offer.offered).toBeNull();
    cells.land = true;
    offer.look();
    await settled();
    expect(offer.offered).not.toBeNull();
    watch.set({
      report: someReport({
        facts: { experiment: { name: 'mine', source: 'call' } }
      })
    });
    await settled();
    expect(offer.offered).toBeNull();
  });

  it('should set it without a question, once for each process', async () => {
    const { told, watch, offer, remembered } = setUp('always');
    await settled();
    expect(offer.offered).toBeNull();
    expect(told).toEqual([
      { id: 'kernel-1', options: { experiment: 'train' } }
    ]);
    expect(remembered).toHaveLength(1);
    offer.look();
    await settled();
    expect(told).toHaveLength(1);
    watch.set({ report: restarted() });
    await settled();
    expect(told).toHaveLength(2);
    watch.set({ kernelId: 'kernel-2', report: someReport({ id: 'kernel-2' }) });
    await settled();
    expect(told.map(({ id }) => id)).toEqual([
      'kernel-1',
      'kernel-1',
      'kernel-2'
    ]);
  });

  it.each([
    ['the setting says never', 'never', {}, true],
    ['the settings are not read', null, {}, true],
    ['no cell starts runs, or one chooses', 'always', {}, false],
    ['MLflow is missing', 'always', { facts: { mlflow: ABSENT } }, true],
    [
      'the notebook has chosen one',
      'always',
      { facts: { experiment: { name: 'mine', source: 'call' } } },
      true
    ]
  ])('should do nothing where %s', async (_, wish, report, lands) => {
    const given = someServices(report);
    if (wish !== null) {
      given.wishes.take({ experimentForNotebook: wish });
    }
    const offer = new ExperimentOffer({
      ...given,
      landsInDefault: () => lands
    });
    made.push(offer);
    offer.look();
    await settled();
    expect(offer.offered).toBeNull();
    expect(given.told).toEqual([]);
    expect(given.remembered).toEqual([]);
  });

  it('should take up another wish at once', async () => {
    const { told, wishes, offer } = setUp(null);
    await settled();
    expect(told).toEqual([]);
    wishes.take({ experimentForNotebook: 'ask' });
    await settled();
    expect(offer.offered).not.toBeNull();
    wishes.take({ experimentForNotebook: 'never' });
    expect(offer.offered).toBeNull();
    wishes.take({ experimentForNotebook: 'always' });
    await settled();
    expect(told).toHaveLength(1);
  });

  it('should say that a busy kernel does it later, and why it could not be set or remembered', async () => {
    const busy = setUp('ask');
    await settled();
    busy.given.failure = refused('kernel-busy');
    await busy.offer.accept();
    expect(shown()[0].message).toContain('when the cell that is running');
    expect(busy.remembered).toHaveLength(1);
    Notification.dismiss();

    const failing = setUp('ask');
    await settled();
    failing.given.failure = refused('kernel-refused');
    await failing.offer.accept();
    expect(shown()[0].message).toContain('could not be set');
    expect(shown()[0].message).toContain('Restart it.');
    Notification.dismiss();

    const forgetful = setUp('ask');
    await settled();
    forgetful.given.forgetfulness = refused('preferences-file');
    await forgetful.offer.accept();
    expect(shown()[0].message).toContain('could not be set');
  });

  it('should leave nothing behind', async () => {
    const { offer, watch, told } = setUp('always');
    await settled();
    offer.dispose();
    watch.set({ kernelId: 'kernel-2', report: someReport({ id: 'kernel-2' }) });
    await settled();
    expect(told).toHaveLength(1);
  });
});
