import { Notification } from '@jupyterlab/apputils';
import type { IDisposable } from '@lumino/disposable';
import { someReport } from '../kernel/testing/reports';
import { ABSENT, someSpec } from './findings/testing/inputs';
import { Notices } from './notices';
import { someServices } from './testing/services';

const MISSING = { facts: { mlflow: ABSENT } };
/** Promises that were under way have ended. */
const settled = () => new Promise(resolve => setTimeout(resolve));

function setUp(
  report: Parameters<typeof someReport>[0] = {},
  given = someServices(report)
) {
  const uses = { mlflow: true };
  given.wishes.take({});
  const notices = own(
    new Notices({
      ...given,
      usesMlflow: () => uses.mlflow
    })
  );
  return { ...given, notices, uses };
}

/** Disposed after each test. */
const made: IDisposable[] = [];

function own<T extends IDisposable>(each: T): T {
  made.push(each);
  return each;
}

const shown = () => Notification.manager.notifications;
const texts = () => shown().map(({ message }) => message);
const actions = () => shown()[0].options.actions ?? [];

afterEach(() => {
  made.splice(0).forEach(each => {
    each.dispose();
  });
  Notification.dismiss();
});

describe('Notices', () => {
  it('should tell what stops work, with what helps first', async () => {
    const { ran, notices } = setUp(MISSING);
    await settled();
    expect(texts()).toEqual([expect.stringMatching(/MLflow is not installed/)]);
    expect(shown()[0].type).toBe('error');
    expect(shown()[0].options.autoClose).toBe(false);
    expect(actions().map(({ label }) => label)).toEqual([
      'install',
      'Don’t show again for this notebook'
    ]);
    void actions()[0].callback(new MouseEvent('click'));
    expect(ran).toMatchObject([{ kind: 'install' }]);
    notices.dispose();
  });

  it('should offer what is typed instead of what cannot be done here', async () => {
    const given = someServices({
      facts: { mlflow: ABSENT, externally_managed: true }
    });
    given.refused.add('create-environment');
    setUp({}, given);
    await settled();
    expect(actions().map(({ label }) => label)).toEqual([
      'show-commands',
      'Don’t show again for this notebook'
    ]);
    void actions()[0].callback(new MouseEvent('click'));
    expect(given.ran).toMatchObject([
      { kind: 'show-commands', of: { kind: 'create-environment' } }
    ]);
  });

  it('should offer nothing before it is known what is refused here', async () => {
    const given = someServices(MISSING);
    let known = (): void => undefined;
    given.given.known = new Promise(resolve => {
      known = resolve;
    });
    setUp({}, given);
    await settled();
    expect(shown()).toEqual([]);
    given.refused.add('install');
    given.refused.add('create-environment');
    known();
    await settled();
    expect(actions().map(({ label }) => label)).toEqual([
      'show-commands',
      'Don’t show again for this notebook'
    ]);
  });

  it('should not tell what is gone when it is known what is refused, and tell it when it comes again', async () => {
    const given = someServices(MISSING);
    let known = (): void => undefined;
    given.given.known = new Promise(resolve => {
      known = resolve;
    });
    const { watch } = setUp({}, given);
    await settled();
    watch.set({ report: someReport() });
    known();
    await settled();
    expect(shown()).toEqual([]);
    watch.set({ report: someReport(MISSING) });
    await settled();
    expect(shown()).toHaveLength(1);
  });

  it('should tell of each cause once, also when it comes again', async () => {
    const { watch, notices } = setUp(MISSING);
    notices.look();
    await settled();
    notices.look();
    await settled();
    expect(shown()).toHaveLength(1);
    watch.set({ report: someReport({ facts: { mlflow: ABSENT, pid: 7 } }) });
    await settled();
    expect(shown()).toHaveLength(1);
    watch.set({ report: someReport() });
    expect(shown()).toEqual([]);
    watch.set({ report: someReport(MISSING) });
    await settled();
    expect(shown()).toEqual([]);
  });

  it('should take back what is so no more, not what could not be asked', async () => {
    const { watch } = setUp(MISSING);
    await settled();
    watch.set({ state: 'unknown', reason: 'busy' });
    expect(shown()).toHaveLength(1);
    watch.set({ state: 'known', reason: null, report: someReport() });
    expect(shown()).toEqual([]);
  });

  it('should not tell again once another kernel is known to have MLflow', async () => {
    const { doctor, specs } = setUp(MISSING);
    await settled();
    specs.current = [someSpec()];
    specs.changed.emit();
    await settled();
    expect(doctor.view.findings[0].id).toBe('wrong-kernel');
    expect(texts()).toEqual([expect.stringMatching(/MLflow is not installed/)]);
  });

  it('should tell another cause', async () => {
    const { watch } = setUp(MISSING);
    await settled();
    const gone = {
      ...ABSENT,
      distributions: [
        { name: 'mlflow', version: '3.1.0', location: '/e', editable: false }
      ]
    };
    watch.set({ report: someReport({ facts: { mlflow: gone } }) });
    await settled();
    expect(texts()).toEqual([
      expect.stringMatching(/files of MLflow are gone/)
    ]);
  });

  it.each([
    [
      'is a warning only',
      { facts: { mlflow: { imported: { version: '3.1.0', file: '/f' } } } }
    ],
    ['is nothing', {}]
  ])('should not tell what %s', async (_, report) => {
    setUp(report);
    await settled();
    expect(shown()).toEqual([]);
  });

  it('should leave a notebook in peace that does not use MLflow, until it does', async () => {
    const given = someServices(MISSING);
    given.wishes.take({});
    const uses = { mlflow: false };
    const notices = own(
      new Notices({ ...given, usesMlflow: () => uses.mlflow })
    );
    await settled();
    expect(shown()).toEqual([]);
    uses.mlflow = true;
    notices.look();
    await settled();
    expect(shown()).toHaveLength(1);
  });

  it('should tell nothing before the settings are read, nor where they say so', async () => {
    const given = someServices(MISSING);
    own(new Notices({ ...given, usesMlflow: () => true }));
    await settled();
    expect(shown()).toEqual([]);
    given.wishes.take({ notifications: false });
    await settled();
    expect(shown()).toEqual([]);
    given.wishes.take({ notifications: true });
    await settled();
    expect(shown()).toHaveLength(1);
  });

  it('should not tell again in a notebook what the person does not want to hear, also after a reload', async () => {
    const given = someServices(MISSING);
    const { notices } = setUp(MISSING, given);
    await settled();
    void actions().at(-1)?.callback(new MouseEvent('click'));
    await settled();
    notices.dispose();
    expect(shown()).toEqual([]);

    const again = someServices(MISSING);
    again.state.kept.set(
      [...given.state.kept.keys()][0],
      [...given.state.kept.values()][0]
    );
    const next = setUp(MISSING, again);
    await settled();
    expect(shown()).toEqual([]);
    next.notices.dispose();

    again.given.notebook = 'notebooks/other.ipynb';
    setUp(MISSING, again);
    await settled();
    expect(shown()).toHaveLength(1);
  });

  it('should leave nothing behind', async () => {
    const { notices, watch } = setUp(MISSING);
    await settled();
    notices.dispose();
    expect(shown()).toEqual([]);
    watch.set({ report: someReport({ facts: { mlflow: ABSENT, pid: 7 } }) });
    await settled();
    expect(shown()).toEqual([]);
  });
});
