import type { JobsApi } from '../jobs';
import { someReport } from '../kernel/testing/reports';
import { ApiError } from '../servers/request';
import type { KernelAnswer } from './proof';
import { readTickets } from './tickets';
import { Undertaking } from './undertaking';

const JOB = {
  id: 'j1',
  kind: 'install',
  state: 'running' as const,
  step: 'Install',
  steps: ['Install'],
  problem: null,
  result: null
};

const ANSWER: KernelAnswer = {
  module: 'mlflow',
  environment: {
    path: 'a.ipynb',
    kernelId: 'kernel-1',
    state: 'known',
    reason: null,
    report: someReport()
  },
  check: { ok: true, seconds: 1, error: null }
};

let undertaking: Undertaking;

beforeEach(() => {
  const api = { create: () => Promise.resolve(JOB) } as unknown as JobsApi;
  undertaking = new Undertaking(api, 'install', 'pandas', 'a.ipynb', 'pandas');
});

afterEach(() => {
  undertaking.dispose();
});

describe('Undertaking', () => {
  it('should have a ticket that finds it again, once it has a job', async () => {
    expect(undertaking.ticket).toBeNull();
    await undertaking.follower.begin({ kind: 'install', packages: ['pandas'] });
    const kept: unknown = JSON.parse(JSON.stringify([undertaking.ticket]));
    expect(readTickets(kept)).toEqual([
      {
        jobId: 'j1',
        kind: 'install',
        label: 'pandas',
        path: 'a.ipynb',
        module: 'pandas'
      }
    ]);
  });

  it('should leave out what is no ticket, and know those of former versions', () => {
    const old = { jobId: 'j', kind: 'install', label: 'x', path: null };
    expect(readTickets([3, { jobId: 'j' }, { ...old, kind: 'other' }])).toEqual(
      []
    );
    expect(readTickets([old])).toEqual([{ ...old, module: 'mlflow' }]);
    expect(readTickets(undefined)).toEqual([]);
    expect(readTickets({ 0: old })).toEqual([]);
  });

  it('should keep what the kernel answers at its end, and say that it is asked', async () => {
    const states: unknown[] = [];
    undertaking.changed.connect(() => {
      states.push(undertaking.after?.state);
    });
    await undertaking.ask(() => Promise.resolve(ANSWER));
    expect(states).toEqual(['asking', 'answered']);
    expect(undertaking.after).toEqual({ state: 'answered', answer: ANSWER });
  });

  it('should keep why the kernel could not be asked', async () => {
    const problem = {
      code: 'unknown-kernel',
      message: 'Gone.',
      hint: 'Start it.',
      log: null
    };
    await undertaking.ask(() => Promise.reject(new ApiError(problem)));
    expect(undertaking.after).toEqual({ state: 'failed', problem });
  });

  it('should follow nothing once disposed', () => {
    undertaking.dispose();
    expect(undertaking.follower.isDisposed).toBe(true);
    expect(undertaking.isDisposed).toBe(true);
  });
});
