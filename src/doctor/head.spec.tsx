import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { act, fireEvent, screen } from '@testing-library/react';
import {
  FakeKernelEnvironments,
  FakeKernelWatch
} from '../kernel/testing/fake-kernels';
import { someReport } from '../kernel/testing/reports';
import { FakeServers, FakeTransport, renderView } from '../ui/testing/harness';
import { ActiveDoctor } from './active';
import type { DoctorServices } from './context';
import { ABSENT } from './findings/testing/inputs';
import { DoctorHead } from './head';
import { KernelDoctor, type KernelDoctorOptions } from './model';

const NOTHING = new Signal<never, void>({} as never);

/** A notebook or console that is looked after; nobody but its kernel knows anything. */
function someServices(
  watch: FakeKernelWatch,
  notebook: string | null = 'notebooks/train.ipynb'
): DoctorServices {
  const options: Partial<KernelDoctorOptions> = {
    watch,
    context: { kernelPreference: {} },
    servers: {
      current: null,
      health: {
        state: 'unknown',
        version: null,
        latency: null,
        problem: null,
        lastAnswer: null
      },
      changed: NOTHING,
      isActivated: true,
      activate: () => undefined
    } as unknown as KernelDoctorOptions['servers'],
    specs: {
      current: [],
      changed: NOTHING,
      want: () => undefined,
      forget: () => undefined
    },
    versions: {
      current: {},
      changed: NOTHING,
      want: () => undefined,
      forget: () => undefined
    },
    wishes: {
      current: { connectKernels: 'ask' },
      changed: NOTHING
    } as unknown as KernelDoctorOptions['wishes'],
    trans: nullTranslator.load('')
  };
  return {
    doctor: new KernelDoctor(options as KernelDoctorOptions),
    context: { name: 'Console 1' } as DoctorServices['context'],
    notebook: () => notebook,
    remedies: null,
    experiments: { remember: () => Promise.resolve() },
    kernels: { options: () => Promise.reject(new Error('not asked for')) }
  };
}

const watches: FakeKernelWatch[] = [];

/** A watch that ends with the test. */
function someWatch(): FakeKernelWatch {
  const watch = new FakeKernelWatch();
  watches.push(watch);
  return watch;
}

function setUp() {
  const watch = someWatch();
  const environments = new FakeKernelEnvironments(watch);
  const active = new ActiveDoctor(environments);
  renderView(
    <DoctorHead active={active} />,
    new FakeServers(new FakeTransport(() => ({ json: {} })))
  );
  return { environments, active, watch };
}

const line = () => screen.queryByRole('button', { name: /^MLflow/ });

describe('DoctorHead', () => {
  afterEach(() => {
    for (const watch of watches.splice(0)) {
      watch.dispose();
    }
  });

  it('should be one quiet line while all is well', () => {
    const { active, watch } = setUp();
    expect(line()).toBeNull();
    act(() => active.add(someServices(watch)));
    expect(line()?.textContent).toContain('MLflow ✓ · Work');
    expect(line()?.getAttribute('aria-expanded')).toBe('false');
    expect(screen.queryByText('Interpreter')).toBeNull();
    act(() => {
      fireEvent.click(line() as HTMLElement);
    });
    expect(screen.getByText('/home/ada/envs/work/bin/python')).toBeTruthy();
  });

  it('should show findings by itself, and let them be closed until there is something else to say', () => {
    const { active, watch } = setUp();
    act(() => active.add(someServices(watch)));
    act(() => {
      watch.set({ report: someReport({ facts: { mlflow: ABSENT } }) });
    });
    expect(line()?.textContent).toContain('MLflow: 1 problem');
    expect(screen.getByRole('list', { name: 'Findings' })).toBeTruthy();
    act(() => {
      fireEvent.click(line() as HTMLElement);
    });
    expect(screen.queryByRole('list', { name: 'Findings' })).toBeNull();
    act(() => {
      watch.set({ state: 'unknown', reason: 'busy' });
    });
    expect(line()?.textContent).toContain('kernel busy');
    act(() => {
      watch.set({ state: 'known', reason: null });
    });
    expect(line()?.getAttribute('aria-expanded')).toBe('false');
  });

  it('should say nothing of other languages, of no kernel, and of a notebook that was closed', () => {
    const { active, environments, watch } = setUp();
    const services = someServices(watch);
    act(() => active.add(services));
    for (const state of ['foreign', 'off', 'none'] as const) {
      act(() => {
        watch.set({ state });
      });
      expect(line()).toBeNull();
    }
    act(() => {
      watch.set({ state: 'known' });
    });
    expect(line()).not.toBeNull();
    act(() => active.remove(services));
    expect(line()).toBeNull();
    act(() => active.add(services));
    act(() => environments.use(null));
    expect(line()).toBeNull();
  });

  it('should follow from the notebook to the console in use, and name that', () => {
    const { active, environments, watch } = setUp();
    const console = someWatch();
    act(() => active.add(someServices(watch)));
    act(() => active.add(someServices(console, null)));
    expect(line()?.textContent).not.toContain('Console 1');
    act(() => environments.use(console));
    expect(line()?.textContent).toContain('Console 1 · Work');
  });
});
