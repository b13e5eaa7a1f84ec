import { ServerConnection } from '@jupyterlab/services';
import { ApiError } from './api';
import { EnvironmentJob, readTicket, type JobTicket } from './environment-job';
import type { Job, JobLog } from '../jobs';
import type { TrackingServer } from './tokens';

const RUNNING: Job = {
  id: 'j',
  kind: 'create-environment',
  state: 'running',
  step: 'Install',
  steps: ['Make', 'Install'],
  problem: null,
  result: null
};
const PROBLEM = {
  code: 'no-registry',
  message: 'No way.',
  hint: 'Do this.',
  log: null
};

describe('EnvironmentJob', () => {
  let state: { job: Job | Error; log: JobLog };
  let ticket: unknown;
  let add: jest.Mock;
  let start: jest.Mock;
  let asked: number;
  let job: EnvironmentJob;

  function create(): EnvironmentJob {
    return new EnvironmentJob({
      api: {
        create: () => Promise.resolve(RUNNING),
        get: () => {
          asked++;
          return state.job instanceof Error
            ? Promise.reject(state.job)
            : Promise.resolve(state.job);
        },
        log: () => Promise.resolve(state.log),
        cancel: () => Promise.resolve({ ...RUNNING, state: 'cancelled' })
      },
      servers: { add, start, servers: [], select: () => undefined },
      remembered: () => Promise.resolve(ticket),
      remember: next => {
        ticket = next;
      }
    });
  }

  beforeEach(() => {
    jest.useFakeTimers();
    state = {
      job: RUNNING,
      log: { text: 'collecting\n', next_offset: 11, done: false }
    };
    ticket = null;
    asked = 0;
    add = jest.fn(() => Promise.resolve({ id: 's' } as TrackingServer));
    start = jest.fn(() => Promise.resolve());
    job = create();
  });

  afterEach(() => {
    job.dispose();
    jest.useRealTimers();
  });

  const settle = () => jest.advanceTimersByTimeAsync(0);

  it('should show steps and output as they come, then use the store', async () => {
    job.watch();
    await job.begin({ addUri: 'sqlite:////x' });
    expect(job.view).toMatchObject({
      phase: 'running',
      step: 'Install',
      log: 'collecting\n'
    });
    state.log = { text: 'done\n', next_offset: 16, done: true };
    state.job = { ...RUNNING, state: 'done' };
    await jest.advanceTimersByTimeAsync(1000);
    expect(add).toHaveBeenCalledWith({ uri: 'sqlite:////x' });
    expect(start).toHaveBeenCalledWith('s');
    expect(job.view.phase).toBe('idle');
    expect(ticket).toBeNull();
  });

  it('should be found again after a reload', async () => {
    const watching = job.watch();
    await job.begin({ startId: 's' });
    const kept: JobTicket = { jobId: 'j', then: { startId: 's' } };
    expect(ticket).toEqual(kept);
    watching.dispose();
    job.dispose();
    job = create();
    job.watch();
    await settle();
    expect(job.view).toMatchObject({ phase: 'running', log: 'collecting\n' });
  });

  it('should ask nothing while nobody looks', async () => {
    const watching = job.watch();
    await job.begin({ startId: 's' });
    watching.dispose();
    const before = asked;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(asked).toBe(before);
    job.watch();
    await settle();
    expect(asked).toBe(before + 1);
  });

  it('should be cancelled', async () => {
    job.watch();
    await job.begin({ startId: 's' });
    await job.cancel();
    expect(job.view).toMatchObject({ phase: 'cancelled', isCancelling: false });
    expect(ticket).toBeNull();
    await jest.advanceTimersByTimeAsync(5000);
    expect(start).not.toHaveBeenCalled();
  });

  it('should say why it failed, and try again from where it failed', async () => {
    job.watch();
    await job.begin({ addUri: 'u' });
    state.job = { ...RUNNING, state: 'failed', problem: PROBLEM };
    await jest.advanceTimersByTimeAsync(1000);
    expect(job.view).toMatchObject({
      phase: 'failed',
      problem: { hint: 'Do this.' }
    });
    add.mockImplementationOnce(() => Promise.reject(new ApiError(PROBLEM)));
    state.job = { ...RUNNING, state: 'done' };
    await job.retry();
    await settle();
    expect(job.view.phase).toBe('failed');
    await job.retry();
    expect(start).toHaveBeenCalledWith('s');
    expect(job.view.phase).toBe('idle');
  });

  it('should outlive a Jupyter server that is silent for a moment, not one that forgot the job', async () => {
    job.watch();
    await job.begin({ startId: 's' });
    state.job = new ServerConnection.NetworkError(
      new TypeError('Failed to fetch')
    );
    await jest.advanceTimersByTimeAsync(1000);
    expect(job.view).toMatchObject({
      phase: 'running',
      problem: { code: 'jupyter-unreachable' }
    });
    state.job = RUNNING;
    await jest.advanceTimersByTimeAsync(1000);
    expect(job.view).toMatchObject({ phase: 'running', problem: null });
    state.job = new ApiError({ ...PROBLEM, code: 'unknown-job' });
    await jest.advanceTimersByTimeAsync(1000);
    expect(job.view.phase).toBe('failed');
  });

  it.each([null, undefined, 7, {}, { jobId: 'x' }, { jobId: 'x', then: {} }])(
    'should not take %j for a ticket',
    remembered => {
      expect(readTicket(remembered)).toBeNull();
    }
  );
});
