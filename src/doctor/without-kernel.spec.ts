import { Signal } from '@lumino/signaling';
import { explainAbsence } from './without-kernel';

function context(change: object = {}) {
  const made = {
    isDisposed: false,
    isReady: true,
    session: null,
    kernelPreference: { name: 'gone' },
    ready: Promise.resolve(),
    ...change
  };
  return {
    ...made,
    kernelChanged: new Signal<never, never>(made as never)
  } as unknown as Parameters<typeof explainAbsence>[0];
}

async function wantedFor(given: ReturnType<typeof context>): Promise<number> {
  let wanted = 0;
  explainAbsence(given, { want: () => wanted++ });
  await given.ready.catch(() => undefined);
  await Promise.resolve();
  return wanted;
}

describe('explainAbsence', () => {
  it('should read the kernelspecs when the kernel could not be started', async () => {
    expect(await wantedFor(context())).toBe(1);
  });

  it.each([
    ['a kernel runs', { session: {} }],
    ['it has not been tried', { isReady: false }],
    ['none is wanted', { kernelPreference: { name: 'x', shouldStart: false } }],
    ['none is named', { kernelPreference: {} }],
    ['the notebook is closed', { isDisposed: true }],
    ['it never came to that', { ready: Promise.reject(new Error('closed')) }]
  ])('should ask nothing where %s', async (_, change) => {
    expect(await wantedFor(context(change))).toBe(0);
  });

  it('should read them when another kernel does not start either', async () => {
    const given = context({ isReady: false });
    let wanted = 0;
    explainAbsence(given, { want: () => wanted++ });
    await given.ready;
    (given as { isReady: boolean }).isReady = true;
    (given.kernelChanged as Signal<unknown, unknown>).emit({});
    expect(wanted).toBe(1);
  });
});
