import { Notification } from '@jupyterlab/apputils';
import type { IDisposable } from '@lumino/disposable';
import { someReport } from '../kernel/testing/reports';
import { ApiError } from '../servers/request';
import { ExperimentOffer, experimentNameOf } from './experiment-offer';
import { ABSENT } from './findings/testing/inputs';
import { someServices } from './testing/services';

const USED = {
  facts: { mlflow: { imported: { version: '3.17.2', file: null } } }
};
const settled = () => new Promise(resolve => setTimeout(resolve));

function setUp(
  experimentForNotebook: string | null,
  report: Parameters<typeof someReport>[0] = USED,
  given = someServices(report)
) {
  if (experimentForNotebook !== null) {
    given.wishes.take({ experimentForNotebook });
  }
  const cells = { start: true };
  const offer = own(
    new ExperimentOffer({
      ...given,
      startsRuns: () => cells.start
    })
  );
  return { ...given, offer, cells };
}

/** Disposed after each test. */
const made: IDisposable[] = [];

function own<T extends IDisposable>(each: T): T {
  made.push(each);
  return each;
}

const shown = () => Notification.manager.notifications;

async function press(label: string): Promise<void> {
  const action = shown()[0].options.actions?.find(each => each.label === label);
  void action?.callback(new MouseEvent('click'));
  await settled();
}

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
  const restarted = () => someReport({ facts: { ...USED.facts, pid: 77 } });

  it('should set it again in a process that a restart has made', async () => {
    const { told, watch } = setUp('always');
    await settled();
    expect(told).toHaveLength(1);
    watch.set({ report: restarted() });
    await settled();
    expect(told).toHaveLength(2);
    // The same process is told once.
    watch.set({ report: restarted() });
    await settled();
    expect(told).toHaveLength(2);
  });

  it('should take a yes for the processes to come, too', async () => {
    const { told, watch } = setUp('ask');
    await settled();
    await press('Use the experiment “train”');
    expect(told).toHaveLength(1);
    Notification.dismiss();
    watch.set({ report: restarted() });
    await settled();
    expect(shown()).toEqual([]);
    expect(told).toHaveLength(2);
  });

  it('should ask once for each notebook, and do what is said', async () => {
    const { told, offer, watch, state } = setUp('ask');
    await settled();
    expect(shown()).toHaveLength(1);
    expect(told).toEqual([]);
    offer.look();
    await settled();
    expect(shown()).toHaveLength(1);
    await press('Use the experiment “train”');
    expect(told).toEqual([
      { id: 'kernel-1', options: { experiment: 'train' } }
    ]);
    // The kernel says what is so now.
    expect(watch.probes).toBe(1);
    offer.dispose();
    Notification.dismiss();

    const again = someServices(USED);
    for (const [key, value] of state.kept) {
      again.state.kept.set(key, value);
    }
    setUp('ask', USED, again);
    await settled();
    expect(shown()).toEqual([]);
  });

  it('should change nothing where the person keeps “Default”', async () => {
    const { told } = setUp('ask');
    await settled();
    await press('Keep “Default”');
    expect(told).toEqual([]);
  });

  it('should wait with the question until MLflow is in use', async () => {
    const { watch } = setUp('ask', {});
    await settled();
    expect(shown()).toEqual([]);
    watch.set({ report: someReport(USED) });
    await settled();
    expect(shown()).toHaveLength(1);
  });

  it('should do it without a question for each new kernel, before MLflow is in use', async () => {
    const { told, watch, offer } = setUp('always', {});
    await settled();
    expect(shown()).toEqual([]);
    expect(told).toEqual([
      { id: 'kernel-1', options: { experiment: 'train' } }
    ]);
    offer.look();
    await settled();
    expect(told).toHaveLength(1);
    watch.set({ kernelId: 'kernel-2', report: someReport({ id: 'kernel-2' }) });
    await settled();
    expect(told.map(({ id }) => id)).toEqual(['kernel-1', 'kernel-2']);
  });

  it.each([
    ['the setting says never', 'never', USED, true],
    ['the settings are not read', null, USED, true],
    ['no cell starts runs', 'always', USED, false],
    ['MLflow is missing', 'always', { facts: { mlflow: ABSENT } }, true],
    [
      'the notebook has chosen one',
      'always',
      { facts: { experiment: { name: 'mine', source: 'call' } } },
      true
    ]
  ])('should do nothing where %s', async (_, wish, report, starts) => {
    const given = someServices(report);
    const cells = { start: starts };
    if (wish !== null) {
      given.wishes.take({ experimentForNotebook: wish });
    }
    const offer = own(
      new ExperimentOffer({
        ...given,
        startsRuns: () => cells.start
      })
    );
    offer.look();
    await settled();
    expect(shown()).toEqual([]);
    expect(given.told).toEqual([]);
  });

  it('should look again when a cell starts runs', async () => {
    const { cells, offer, told } = setUp('always', {}, someServices());
    await settled();
    expect(told).toHaveLength(1);
    offer.dispose();

    const later = someServices();
    later.wishes.take({ experimentForNotebook: 'always' });
    cells.start = false;
    const second = own(
      new ExperimentOffer({
        ...later,
        startsRuns: () => cells.start
      })
    );
    expect(later.told).toEqual([]);
    cells.start = true;
    second.look();
    await settled();
    expect(later.told).toHaveLength(1);
  });

  it('should say why it could not be set, and that a busy kernel does it later', async () => {
    const given = someServices({});
    given.given.failure = new ApiError({
      code: 'kernel-busy',
      message: 'The kernel is busy.',
      hint: 'Wait.',
      log: null
    });
    setUp('always', {}, given);
    await settled();
    expect(shown()).toEqual([]);

    const other = someServices({});
    other.given.failure = new ApiError({
      code: 'kernel-refused',
      message: 'The kernel could not do that.',
      hint: 'Restart it.',
      log: null
    });
    setUp('always', {}, other);
    await settled();
    expect(shown()[0].message).toContain('could not be set');
    expect(shown()[0].message).toContain('Restart it.');
  });

  it('should take up another wish at once', async () => {
    const { told, wishes } = setUp(null, {});
    await settled();
    expect(told).toEqual([]);
    wishes.take({ experimentForNotebook: 'always' });
    await settled();
    expect(told).toHaveLength(1);
  });

  it('should leave nothing behind', async () => {
    const { offer, watch, told } = setUp('always', {});
    await settled();
    offer.dispose();
    watch.set({ kernelId: 'kernel-2', report: someReport({ id: 'kernel-2' }) });
    await settled();
    expect(told).toHaveLength(1);
  });
});
