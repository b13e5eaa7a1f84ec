import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { FakeKernelWatch } from '../../kernel/testing/fake-kernels';
import { someReport } from '../../kernel/testing/reports';
import type { DoctorServices } from '../context';
import { Memory } from '../memory';
import { KernelDoctor } from '../model';
import type { KernelspecFacts, Remedy } from '../tokens';
import { Wishes } from '../wishes';

/** The state of the page, as far as it is kept. */
export class FakeState {
  readonly kept = new Map<string, unknown>();
  fetch(key: string): Promise<never> {
    return Promise.resolve(this.kept.get(key) as never);
  }
  save(key: string, value: unknown): Promise<void> {
    this.kept.set(key, value);
    return Promise.resolve();
  }
}

/** What a doctor of one notebook works with, and what it has done. */
export function someServices(report: Parameters<typeof someReport>[0] = {}) {
  const trans = nullTranslator.load('');
  const watch = new FakeKernelWatch();
  watch.set({ report: someReport(report) });
  const wishes = new Wishes();
  const tried: string[] = [];
  const specs = {
    current: null as ReadonlyArray<KernelspecFacts> | null,
    changed: new Signal<never, void>({} as never),
    want: () => undefined,
    forget: () => undefined
  };
  const doctor = new KernelDoctor({
    watch,
    context: { kernelPreference: {} },
    servers: {
      current: null,
      health: {
        state: 'connected',
        version: null,
        latency: null,
        problem: null,
        lastAnswer: null
      },
      changed: new Signal<never, void>({} as never),
      isActivated: true,
      activate: () => undefined
    },
    wishes,
    specs,
    versions: {
      current: {},
      changed: new Signal<never, void>({} as never),
      want: () => undefined,
      forget: () => undefined
    },
    tryImport: id => Promise.resolve(tried.push(id)),
    trans
  });
  const ran: Remedy[] = [];
  const refused = new Set<Remedy['kind']>();
  /** What kernels were told; `failure` is thrown then. */
  const told: { id: string; options: object }[] = [];
  const given = {
    isReady: true,
    /** Settled when it is known what is refused. */
    known: Promise.resolve(),
    notebook: 'notebooks/train.ipynb' as string | null,
    failure: null as unknown,
    /** Thrown where an experiment is to be remembered. */
    forgetfulness: null as unknown
  };
  const remembered: [string, string | null][] = [];
  const services: DoctorServices = {
    doctor,
    context: {} as DoctorServices['context'],
    notebook: () => given.notebook,
    remedies: {
      get isReady() {
        return given.isReady;
      },
      ready: () => given.known,
      label: remedy => remedy.kind,
      refusal: remedy => (refused.has(remedy.kind) ? 'off' : null),
      run: remedy => {
        ran.push(remedy);
        return Promise.resolve();
      }
    },
    kernels: {
      options: (id, options) => {
        told.push({ id, options });
        return given.failure === null
          ? Promise.resolve(someReport())
          : // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what the test gives
            Promise.reject(given.failure);
      }
    },
    experiments: {
      remember: (...wish) => {
        remembered.push(wish);
        return given.forgetfulness === null
          ? Promise.resolve()
          : // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what the test gives
            Promise.reject(given.forgetfulness);
      }
    }
  };
  const state = new FakeState();
  return {
    trans,
    watch,
    doctor,
    services,
    specs,
    tried,
    ran,
    refused,
    told,
    remembered,
    given,
    state,
    wishes,
    memory: new Memory(state)
  };
}
