import { Signal } from '@lumino/signaling';
import type { MachineEnvironments } from '../environments';
import { someMachine } from '../environments/testing/machines';
import {
  FakeKernelEnvironments,
  FakeKernelWatch
} from '../kernel/testing/fake-kernels';
import { someReport } from '../kernel/testing/reports';
import { EnvironmentsModel } from './model';

/** The server extension: each question waits for the test's answer. */
class FakeApi {
  readonly asked: {
    fresh: boolean;
    signal: AbortSignal | undefined;
    answer: (machine: MachineEnvironments) => Promise<void>;
    fail: (reason: Error) => Promise<void>;
  }[] = [];

  list(fresh: boolean, signal?: AbortSignal): Promise<MachineEnvironments> {
    return new Promise((resolve, reject) => {
      this.asked.push({
        fresh,
        signal,
        answer: async machine => {
          resolve(machine);
          await settled();
        },
        fail: async reason => {
          reject(reason);
          await settled();
        }
      });
    });
  }
}

const settled = () => new Promise(resolve => setTimeout(resolve, 0));

function setUp(watch: FakeKernelWatch | null = null) {
  const api = new FakeApi();
  const kernels = new FakeKernelEnvironments(watch);
  const ended = new Signal<object, void>({});
  const model = new EnvironmentsModel({
    api,
    kernels,
    changes: [ended],
    nameOf: path => path.toUpperCase()
  });
  return { api, kernels, ended, model };
}

describe('EnvironmentsModel', () => {
  it('should ask nobody before somebody looks, and once for all who do', async () => {
    const { api, ended, model } = setUp();
    ended.emit();
    expect(api.asked).toHaveLength(0);
    model.watch();
    model.watch();
    expect(api.asked.map(({ fresh }) => fresh)).toEqual([false]);
    expect(model.view.isAsking).toBe(true);
    await api.asked[0].answer(someMachine({ folder: '/a' }));
    expect(model.view).toMatchObject({
      machine: { folder: '/a' },
      isAsking: false,
      problem: null
    });
  });

  it('should let the latest question win', async () => {
    const { api, model } = setUp();
    model.watch();
    void model.refresh(true);
    expect(api.asked[0].signal?.aborted).toBe(true);
    await api.asked[1].answer(someMachine({ folder: '/new' }));
    await api.asked[0].answer(someMachine({ folder: '/old' }));
    expect(model.view.machine?.folder).toBe('/new');
  });

  it('should keep what it had when a question fails, and say why', async () => {
    const { api, model } = setUp();
    model.watch();
    await api.asked[0].answer(someMachine());
    void model.refresh(false);
    await api.asked[1].fail(new Error('Jupyter is gone'));
    expect(model.view.machine).not.toBeNull();
    expect(model.view.problem?.message).toContain('Jupyter is gone');
    void model.refresh(false);
    await api.asked[2].answer(someMachine());
    expect(model.view.problem).toBeNull();
  });

  it('should ask again when a job has ended, as long as somebody looks', () => {
    const { api, ended, model } = setUp();
    const watching = model.watch();
    ended.emit();
    expect(api.asked).toHaveLength(2);
    watching.dispose();
    ended.emit();
    expect(api.asked).toHaveLength(2);
  });

  it('should end its question with the last who looks, and not take that for a failure', async () => {
    const { api, model } = setUp();
    model.watch().dispose();
    expect(api.asked[0].signal?.aborted).toBe(true);
    await api.asked[0].fail(new Error('aborted'));
    expect(model.view).toMatchObject({ problem: null, isAsking: false });
  });

  it('should know what the notebook in use runs in, and follow it', () => {
    const watch = new FakeKernelWatch();
    const { kernels, model } = setUp(watch);
    expect(model.view.active).toEqual({
      name: 'NOTEBOOKS/TRAIN.IPYNB',
      kernelName: 'work',
      prefix: '/home/ada/envs/work'
    });
    watch.set({ report: someReport({ reach: 'gateway' }) });
    expect(model.view.active?.prefix).toBeNull();
    kernels.use(null);
    expect(model.view.active).toBeNull();
    const before = model.view;
    watch.set({ report: someReport() });
    expect(model.view).toBe(before);
  });

  it('should say nothing more once it is disposed', async () => {
    const { api, ended, model } = setUp(new FakeKernelWatch());
    model.watch();
    model.dispose();
    expect(api.asked[0].signal?.aborted).toBe(true);
    const before = model.view;
    await api.asked[0].answer(someMachine());
    ended.emit();
    expect(model.view).toBe(before);
    expect(api.asked).toHaveLength(1);
  });
});
