import { Notification } from '@jupyterlab/apputils';
import { StateDB } from '@jupyterlab/statedb';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import type { Job, JobsApi } from '../jobs';
import { EnvironmentActions } from './actions';
import type { EnvironmentsApi } from './api';
import { JOBS_KEY } from './tokens';

const TICKET = {
  jobId: 'job-1',
  kind: 'install',
  label: 'mlflow',
  path: null,
  module: 'mlflow'
};

/** The server's jobs: one, which stands as the test says. */
function someJobs(state: Job['state']) {
  const job: Job = {
    id: 'job-1',
    kind: 'install',
    state,
    step: '',
    steps: [],
    problem: null,
    result: null
  };
  return {
    get: () => Promise.resolve(job),
    log: () => Promise.resolve({ text: '', next_offset: 0, done: true })
  } as unknown as JobsApi;
}

async function setUp(state: Job['state']) {
  const db = new StateDB();
  await db.save(JOBS_KEY, [TICKET]);
  const done: string[] = [];
  const actions = new EnvironmentActions({
    ui: {
      translator: nullTranslator,
      commands: new CommandRegistry(),
      rendermime: null
    },
    jobs: someJobs(state),
    environments: {} as EnvironmentsApi,
    servers: {
      health: {
        state: 'connected',
        version: null,
        latency: null,
        problem: null,
        lastAnswer: null
      }
    } as unknown as ConstructorParameters<
      typeof EnvironmentActions
    >[0]['servers'],
    state: db,
    refreshKernels: () => {
      done.push('kernels refreshed');
      return Promise.resolve();
    },
    onEnded: () => done.push('ended'),
    find: () => null,
    sources: () => []
  });
  await actions.resume();
  for (let turn = 0; turn < 10; turn++) {
    await Promise.resolve();
  }
  return { db, done };
}

describe('EnvironmentActions', () => {
  beforeEach(() => {
    // One that runs is asked again and again: not after the test.
    jest.useFakeTimers();
  });
  afterEach(() => {
    Notification.dismiss();
    jest.clearAllTimers();
    jest.useRealTimers();
  });

  it.each(['done', 'failed', 'cancelled'] as const)(
    'should have others look again at what a job has left that is %s, once and after the kernels',
    async state => {
      const { db, done } = await setUp(state);
      expect(done).toEqual(['kernels refreshed', 'ended']);
      expect(await db.fetch(JOBS_KEY)).toEqual([]);
    }
  );

  it('should keep a job in mind that still runs', async () => {
    const { db, done } = await setUp('running');
    expect(done).toEqual([]);
    expect(await db.fetch(JOBS_KEY)).toEqual([TICKET]);
  });
});
