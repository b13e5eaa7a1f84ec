import { ServerConnection } from '@jupyterlab/services';
import { ApiError } from '../servers/request';
import type { KernelReport } from './report';
import { FakeKernelSource, FakeSessionContext } from './testing/fake-kernels';
import { someReport } from './testing/reports';
import type { KernelEnvironment } from './tokens';
import { KernelWatch, RESTART_GRACE_MS, SETTLE_MS } from './watch';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

function setUp(kernelId: string | null = 'kernel-1') {
  const context = new FakeSessionContext('work/a.ipynb', kernelId);
  const source = new FakeKernelSource();
  const watch = new KernelWatch({
    context: context.asContext,
    source: () => Promise.resolve(source),
    localPath: path => path.replace(/^RTC:/, '')
  });
  const seen: KernelEnvironment[] = [];
  watch.changed.connect((_, environment) => seen.push(environment));
  return { context, source, watch, seen };
}

/** Lets everything happen that happens when kernels are left alone. */
async function settle(ms = 2 * SETTLE_MS): Promise<void> {
  await jest.advanceTimersByTimeAsync(ms);
}

const process = (pid: number): KernelReport => someReport({ facts: { pid } });
const busy = () =>
  someReport({ state: 'unknown', reason: 'busy', facts: null });

describe('KernelWatch', () => {
  it('should tell what the kernel reports, by one request', async () => {
    const { watch, source, seen } = setUp();
    expect(watch.environment).toEqual({
      path: 'work/a.ipynb',
      kernelId: 'kernel-1',
      state: 'asking',
      reason: null,
      report: null
    });
    await settle();
    expect(watch.environment.state).toBe('known');
    expect(watch.environment.report).toEqual(someReport());
    expect(source.asked).toEqual(['report kernel-1']);
    expect(seen).toHaveLength(1);
  });

  it('should ask no more while nothing happens', async () => {
    const { context, source } = setUp();
    await settle();
    context.setStatus('busy', 'idle', 'busy', 'idle');
    await settle(3_600_000);
    expect(source.asked).toEqual(['report kernel-1']);
  });

  it('should have the kernel asked where the server has no answer yet', async () => {
    const { watch, source } = setUp();
    source.known.set('kernel-1', someReport({ state: 'asking', facts: null }));
    source.answer = () => Promise.resolve(someReport());
    await settle();
    expect(source.asked).toEqual(['report kernel-1', 'probe kernel-1']);
    expect(watch.environment.state).toBe('known');
  });

  it('should have nothing to ask without a kernel', async () => {
    const { watch, source } = setUp(null);
    await settle();
    expect(watch.environment.state).toBe('none');
    await expect(watch.probe()).resolves.toBe(watch.environment);
    expect(source.asked).toEqual([]);
  });

  it('should follow the kernel that takes the place of another, and ignore late answers of that', async () => {
    const { context, watch, source, seen } = setUp();
    let answerLate: (report: KernelReport) => void = () => undefined;
    source.known.set('kernel-1', someReport({ state: 'asking', facts: null }));
    source.answer = () =>
      new Promise(resolve => {
        answerLate = resolve;
      });
    await settle();
    context.use('kernel-2');
    expect(watch.environment).toMatchObject({
      kernelId: 'kernel-2',
      state: 'asking',
      report: null
    });
    await settle();
    answerLate(someReport({ id: 'kernel-1' }));
    await settle();
    expect(watch.environment.report?.id).toBe('kernel-2');
    expect(seen.map(({ kernelId }) => kernelId)).toEqual([
      'kernel-2',
      'kernel-2'
    ]);
    context.use(null);
    expect(watch.environment.state).toBe('none');
  });

  it('should keep quiet about kernels of other languages, also when they restart', async () => {
    const { context, watch, source, seen } = setUp();
    source.known.set(
      'kernel-1',
      someReport({ state: 'foreign', language: 'R', facts: null })
    );
    await settle();
    context.setStatus('restarting', 'starting', 'idle', 'dead');
    context.connectionStatusChanged.emit('connected');
    await settle();
    expect(watch.environment.state).toBe('foreign');
    expect(source.asked).toEqual(['report kernel-1']);
    expect(seen).toHaveLength(1);
  });

  it('should call unknown what could not be asked, and keep what it said before', async () => {
    const { context, watch, source } = setUp();
    await settle();
    source.answer = () => Promise.resolve(busy());
    await watch.probe();
    expect(watch.environment).toMatchObject({
      state: 'unknown',
      reason: 'busy'
    });
    expect(watch.environment.report?.facts).toEqual(someReport().facts);
    context.setStatus('dead');
    expect(watch.environment).toMatchObject({
      state: 'unknown',
      reason: 'dead'
    });
  });

  it('should ask a busy kernel again once it is idle, once', async () => {
    const { context, watch, source } = setUp();
    context.setStatus('busy');
    source.known.set('kernel-1', busy());
    await settle(3_600_000);
    // The server's question waits in the kernel: another one would not be answered sooner.
    expect(source.asked).toEqual(['report kernel-1']);
    expect(watch.environment.reason).toBe('busy');
    // Idle between two cells only.
    context.setStatus('idle', 'busy');
    await settle(3_600_000);
    expect(source.asked).toEqual(['report kernel-1']);
    source.answer = () => Promise.resolve(someReport());
    context.setStatus('idle');
    await settle();
    expect(source.asked.slice(1)).toEqual([
      'report kernel-1',
      'probe kernel-1'
    ]);
    expect(watch.environment.state).toBe('known');
    context.setStatus('busy', 'idle');
    await settle(3_600_000);
    expect(source.asked).toHaveLength(3);
  });

  it('should ask a second time at most where the kernel is idle and does not answer', async () => {
    const { watch, source } = setUp();
    source.known.set(
      'kernel-1',
      someReport({ state: 'unknown', reason: 'timeout', facts: null })
    );
    await settle(3_600_000);
    expect(source.asked.filter(asked => /probe/.test(asked))).toHaveLength(2);
    expect(watch.environment.reason).toBe('timeout');
  });

  it.each([
    [
      'off',
      null,
      new ApiError({ code: 'feature-off', message: '', hint: '', log: null })
    ],
    [
      'unknown',
      'refused',
      new ApiError({
        code: 'signed-out-of-jupyter',
        message: '',
        hint: '',
        log: null
      })
    ],
    [
      'unknown',
      'unreachable',
      new ApiError({ code: 'unknown-kernel', message: '', hint: '', log: null })
    ],
    [
      'unknown',
      'unreachable',
      new ServerConnection.NetworkError(new TypeError('Failed to fetch'))
    ]
  ])(
    'should be %s (%s) where there is no answer',
    async (state, reason, error) => {
      const { watch, source } = setUp();
      source.answer = () => Promise.reject(error);
      await watch.probe();
      expect(watch.environment).toMatchObject({ state, reason });
    }
  );

  it('should ask again when Jupyter is back', async () => {
    const { context, watch, source } = setUp();
    source.answer = () => Promise.reject(new Error('gone'));
    await watch.probe();
    expect(watch.environment.state).toBe('unknown');
    await settle(3_600_000);
    const before = source.asked.length;
    context.connectionStatusChanged.emit('connecting');
    context.connectionStatusChanged.emit('connected');
    await settle();
    expect(source.asked.slice(before)).toEqual(['report kernel-1']);
    expect(watch.environment.state).toBe('known');
  });

  it('should read the report when the server says that it is another one', async () => {
    const { watch, source } = setUp();
    await settle();
    source.known.set('kernel-1', process(7));
    watch.hear('kernel-2');
    watch.hear('kernel-1');
    watch.hear('kernel-1');
    await settle();
    expect(source.asked).toEqual(['report kernel-1', 'report kernel-1']);
    expect(watch.environment.report?.facts?.pid).toBe(7);
  });

  it('should not be driven in circles by what it causes itself', async () => {
    const { context, watch, source } = setUp();
    context.setStatus('busy');
    source.known.set('kernel-1', busy());
    source.answer = id => {
      watch.hear(id);
      return Promise.resolve(busy());
    };
    await settle();
    await watch.probe();
    await settle(3_600_000);
    expect(source.asked.filter(asked => /probe/.test(asked))).toHaveLength(1);
    expect(source.asked.length).toBeLessThan(5);
  });

  it('should not tell of a report that says the same', async () => {
    const { watch, seen } = setUp();
    await settle();
    const before = watch.environment;
    watch.hear('kernel-1');
    await settle();
    await watch.probe();
    expect(watch.environment).toBe(before);
    expect(seen).toHaveLength(1);
  });

  it('should let those who ask at once share one question', async () => {
    const { watch, source } = setUp();
    await settle();
    const both = await Promise.all([watch.probe(), watch.probe()]);
    expect(both[0]).toBe(both[1]);
    expect(source.asked.slice(1)).toEqual(['probe kernel-1']);
  });

  it('should ask for modules once a question without them is answered', async () => {
    const { watch, source } = setUp();
    await settle();
    await Promise.all([watch.probe(), watch.probe(['pandas', 'seaborn'])]);
    expect(source.asked.slice(1)).toEqual([
      'probe kernel-1',
      'probe kernel-1 pandas seaborn'
    ]);
  });

  it('should ask the new kernel, whoever still waits for the former one', async () => {
    const { context, watch, source } = setUp();
    source.answer = id =>
      id === 'kernel-1'
        ? new Promise(() => undefined)
        : Promise.resolve(someReport({ id }));
    void watch.probe();
    await settle();
    context.use('kernel-2');
    const { report } = await watch.probe();
    expect(report?.id).toBe('kernel-2');
    expect(source.asked).toEqual(['probe kernel-1', 'probe kernel-2']);
  });

  it('should follow a rename, without the name of its drive', async () => {
    const { context, watch, source } = setUp();
    await settle();
    context.rename('RTC:work/b.ipynb');
    expect(watch.environment).toMatchObject({
      path: 'work/b.ipynb',
      state: 'known'
    });
    await settle();
    expect(source.asked).toHaveLength(2);
  });

  it('should end with its session, and ask nothing then', async () => {
    const { context, watch, source, seen } = setUp();
    context.dispose();
    expect(watch.isDisposed).toBe(true);
    await settle();
    await watch.probe();
    expect(source.asked).toEqual([]);
    expect(seen).toEqual([]);
  });
});

describe('KernelWatch, restarts', () => {
  it.each([
    ['by the person', 'restarting'],
    ['by Jupyter after a crash', 'autorestarting']
  ])('should show no flicker in twenty restarts %s', async (_, status) => {
    const { context, watch, source, seen } = setUp();
    let pid = 1;
    source.known.set('kernel-1', process(pid));
    await settle();
    seen.length = 0;
    for (let i = 0; i < 20; i++) {
      context.setStatus(status, 'starting');
      context.connectionStatusChanged.emit('connecting');
      await settle(50);
      context.connectionStatusChanged.emit('connected');
      context.setStatus('busy', 'idle');
      context.use('kernel-1');
      // The server has heard of the new process already, or still tells of the former one.
      const next = process(++pid);
      if (i % 2) {
        source.known.set('kernel-1', next);
      }
      source.answer = () => Promise.resolve(next);
      await settle();
      source.known.set('kernel-1', next);
      expect(watch.environment.report?.facts?.pid).toBe(pid);
    }
    expect(new Set(seen.map(({ state }) => state))).toEqual(new Set(['known']));
    expect(seen).toHaveLength(20);
    // One look for each, and the kernel is asked where that told of the former process.
    expect(source.asked.filter(asked => /report/.test(asked))).toHaveLength(21);
    expect(source.asked.filter(asked => /probe/.test(asked))).toHaveLength(10);
  });

  it('should show no flicker where restarts follow at once', async () => {
    const { context, source, seen } = setUp();
    source.known.set('kernel-1', process(1));
    await settle();
    for (let i = 0; i < 20; i++) {
      context.setStatus('restarting', 'starting', 'busy', 'idle');
      await settle(20);
    }
    source.known.set('kernel-1', process(2));
    await settle();
    expect(seen).toHaveLength(2);
    expect(source.asked).toEqual(['report kernel-1', 'report kernel-1']);
  });

  it('should give each of many restarts its own time', async () => {
    const { context, seen } = setUp();
    await settle();
    seen.length = 0;
    for (let i = 0; i < 20; i++) {
      context.setStatus('restarting', 'starting');
      await settle(RESTART_GRACE_MS / 2);
    }
    expect(seen).toEqual([]);
  });

  it('should say so where a restart takes long, and come back', async () => {
    const { context, watch, source } = setUp();
    await settle();
    context.setStatus('restarting');
    await settle(RESTART_GRACE_MS - 1);
    expect(watch.environment.state).toBe('known');
    await settle(1);
    expect(watch.environment).toMatchObject({
      state: 'unknown',
      reason: 'restarting'
    });
    source.answer = () => Promise.resolve(process(2));
    context.setStatus('starting', 'idle');
    await settle();
    expect(watch.environment.state).toBe('known');
  });

  it('should not take the end of the former process for that of the kernel', async () => {
    const { context, watch, source, seen } = setUp();
    await settle();
    seen.length = 0;
    context.setStatus('autorestarting');
    source.known.set(
      'kernel-1',
      someReport({ state: 'unknown', reason: 'restarting' })
    );
    source.answer = () => Promise.resolve(source.of('kernel-1'));
    context.setStatus('idle');
    await settle();
    expect(seen).toEqual([]);
    source.known.set('kernel-1', process(2));
    watch.hear('kernel-1');
    await settle();
    expect(seen.map(({ state }) => state)).toEqual(['known']);
  });

  it('should know a kernel that is restarted after its death', async () => {
    const { context, watch, source } = setUp();
    await settle();
    context.setStatus('dead');
    source.known.set('kernel-1', process(2));
    context.setStatus('restarting');
    expect(watch.environment.reason).toBe('restarting');
    context.setStatus('starting', 'idle');
    await settle();
    expect(watch.environment).toMatchObject({ state: 'known', reason: null });
  });
});
