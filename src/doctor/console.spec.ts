import { Signal } from '@lumino/signaling';
import { FakeSessionContext } from '../kernel/testing/fake-kernels';
import { QUIET_MS } from './code';
import { ConsoleDoctor, type DoctorConsole } from './console';
import type { DoctorServices } from './context';

function setUp() {
  const context = new FakeSessionContext('Console 1');
  const sources: string[] = [];
  const executed = new Signal<object, Date>({});
  const console = {
    executed,
    cells: {
      get length() {
        return sources.length;
      },
      get: (at: number) => ({
        model: { sharedModel: { getSource: () => sources[at] } }
      })
    }
  } as unknown as DoctorConsole['console'];
  let probes = 0;
  let disposed = 0;
  const services = {
    doctor: {
      watch: {
        probe: () => {
          probes++;
          return Promise.resolve();
        }
      },
      dispose: () => {
        disposed++;
      }
    }
  } as unknown as DoctorServices;
  const doctor = new ConsoleDoctor(services, {
    console,
    sessionContext: context.asContext
  });
  return {
    doctor,
    context,
    execute: (source: string) => {
      sources.push(source);
      executed.emit(new Date());
    },
    probes: () => probes,
    disposed: () => disposed
  };
}

describe('ConsoleDoctor', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('should ask the kernel again, once, after code that concerns MLflow', () => {
    const { execute, probes } = setUp();
    execute('1 + 1');
    jest.advanceTimersByTime(QUIET_MS);
    expect(probes()).toBe(0);
    execute('import mlflow');
    execute('%pip install mlflow');
    expect(probes()).toBe(0);
    jest.advanceTimersByTime(QUIET_MS);
    expect(probes()).toBe(1);
  });

  it('should leave a kernel alone that does something by then', () => {
    const { execute, context, probes } = setUp();
    execute('import mlflow');
    context.setStatus('busy');
    jest.advanceTimersByTime(QUIET_MS);
    expect(probes()).toBe(0);
  });

  it('should ask nobody for a console that was closed', () => {
    const { doctor, execute, probes, disposed } = setUp();
    execute('import mlflow');
    doctor.dispose();
    doctor.dispose();
    execute('import mlflow');
    jest.advanceTimersByTime(QUIET_MS);
    expect([probes(), disposed()]).toEqual([0, 1]);
  });
});
