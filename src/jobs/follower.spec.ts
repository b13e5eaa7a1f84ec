import { ServerConnection } from '@jupyterlab/services';
import { ApiError } from '../servers/request';
import { JobFollower, NO_JOB } from './follower';
import type { Job, JobLog, JobOrder } from './tokens';

const ORDER: JobOrder = { kind: 'install', packages: ['mlflow'] };

function refusal(code: string): ApiError {
  return new ApiError({ code, message: `${code}.`, hint: 'Wait.', log: null });
}

/** A Jupyter server with one job, which the test moves on. */
class FakeJobs {
  job: Job = {
    id: 'j1',
    kind: 'install',
    state: 'running',
    step: 'Install',
    steps: ['Install', 'Look'],
    problem: null,
    result: null
  };
  text = '';
  /** Thrown at the next requests. */
  failure: unknown = null;
  readonly asked: string[] = [];
  readonly signals: AbortSignal[] = [];

  create(order: JobOrder): Promise<Job> {
    return this._answer(`create ${order.kind}`, () => this.job);
  }
  get(id: string, signal?: AbortSignal): Promise<Job> {
    this.signals.push(signal as AbortSignal);
    return this._answer(`get ${id}`, () => this.job);
  }
  log(id: string, offset: number): Promise<JobLog> {
    return this._answer(`log ${id} ${offset}`, () => ({
      text: this.text.slice(offset),
      next_offset: this.text.length,
      done: false
    }));
  }
  cancel(id: string): Promise<Job> {
    return this._answer(`cancel ${id}`, () => this.job);
  }

  private _answer<T>(what: string, answer: () => T): Promise<T> {
    this.asked.push(what);
    return this.failure === null
      ? Promise.resolve(answer())
      : // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what the test gives
        Promise.reject(this.failure);
  }
}

let follower: JobFollower;
let jobs: FakeJobs;

beforeEach(() => {
  jest.useFakeTimers();
  jobs = new FakeJobs();
  follower = new JobFollower(jobs);
});

afterEach(() => {
  follower.dispose();
  jest.useRealTimers();
});

/** Time passes, and what was asked meanwhile is answered. */
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('JobFollower', () => {
  it('should begin a job and follow it to its end, output after output', async () => {
    const watching = follower.watch();
    const phases: string[] = [];
    follower.changed.connect(() => {
      phases.push(follower.progress.phase);
    });
    jobs.text = 'one\n';
    expect(await follower.begin(ORDER)).toBe('j1');
    expect(follower.progress).toMatchObject({
      phase: 'running',
      step: 'Install',
      log: 'one\n'
    });
    jobs.text += 'two\n';
    await pass(1000);
    expect(follower.progress.log).toBe('one\ntwo\n');
    jobs.text += 'three\n';
    jobs.job = { ...jobs.job, state: 'done', result: { installed: [] } };
    await pass(1000);
    expect(follower.progress).toMatchObject({
      phase: 'done',
      log: 'one\ntwo\nthree\n',
      result: { installed: [] }
    });
    // No piece is read twice, and nothing is asked after the end.
    expect(jobs.asked.filter(each => each.startsWith('log'))).toEqual([
      'log j1 0',
      'log j1 4',
      'log j1 8'
    ]);
    await pass(60_000);
    expect(jobs.asked).toHaveLength(7);
    expect(phases.at(0)).toBe('beginning');
    expect(phases.at(-1)).toBe('done');
    watching.dispose();
  });

  it('should have no job where it was refused', async () => {
    jobs.failure = refusal('environment-busy');
    await expect(follower.begin(ORDER)).rejects.toBe(jobs.failure);
    expect(follower.progress).toEqual(NO_JOB);
    expect(follower.jobId).toBeNull();
  });

  it('should find a job again after a reload, with all of its output', async () => {
    follower.watch();
    jobs.text = 'all of it\n';
    await follower.resume('j1');
    expect(follower.progress).toMatchObject({
      phase: 'running',
      steps: ['Install', 'Look'],
      log: 'all of it\n'
    });
  });

  it('should ask nothing while nobody looks', async () => {
    await follower.begin(ORDER);
    await pass(10_000);
    expect(jobs.asked).toEqual(['create install']);
    const first = follower.watch();
    const second = follower.watch();
    await pass(0);
    expect(jobs.asked).toHaveLength(3);
    first.dispose();
    await pass(1000);
    expect(jobs.asked).toHaveLength(5);
    second.dispose();
    await pass(10_000);
    expect(jobs.asked).toHaveLength(5);
    jobs.text = 'late\n';
    follower.watch();
    await pass(0);
    expect(follower.progress.log).toBe('late\n');
  });

  it('should keep the end of a long output', async () => {
    follower.watch();
    jobs.text = 'x'.repeat(100_000) + 'the end';
    await follower.begin(ORDER);
    expect(follower.progress.log).toHaveLength(100_000);
    expect(follower.progress.log.endsWith('xthe end')).toBe(true);
  });

  it.each([
    [
      'Jupyter does not answer',
      new ServerConnection.NetworkError(new TypeError('gone')),
      'jupyter-unreachable'
    ],
    [
      'a proxy answers for Jupyter',
      refusal('jupyter-failed'),
      'jupyter-failed'
    ],
    [
      'the login has run out',
      refusal('signed-out-of-jupyter'),
      'signed-out-of-jupyter'
    ]
  ])(
    'should go on where %s for a while, more and more slowly',
    async (_, failure, code) => {
      follower.watch();
      jobs.text = 'one\n';
      await follower.begin(ORDER);
      jobs.failure = failure;
      await pass(1000);
      expect(follower.progress).toMatchObject({
        phase: 'running',
        log: 'one\n',
        problem: { code }
      });
      const before = jobs.asked.length;
      await pass(60_000);
      expect(jobs.asked.length - before).toBeLessThan(8);
      expect(jobs.asked.length - before).toBeGreaterThan(2);

      jobs.failure = null;
      jobs.text += 'two\n';
      jobs.job = { ...jobs.job, state: 'done' };
      await pass(15_000);
      expect(follower.progress).toMatchObject({
        phase: 'done',
        log: 'one\ntwo\n',
        problem: null
      });
    }
  );

  it('should know that a job has ended with the Jupyter server', async () => {
    follower.watch();
    jobs.text = 'one\n';
    await follower.begin(ORDER);
    jobs.failure = refusal('unknown-job');
    await pass(1000);
    expect(follower.progress).toMatchObject({
      phase: 'failed',
      log: 'one\n',
      problem: { code: 'unknown-job' }
    });
    const { length } = jobs.asked;
    await pass(60_000);
    expect(jobs.asked).toHaveLength(length);
  });

  it('should cancel, and say so until the job has ended', async () => {
    follower.watch();
    await follower.begin(ORDER);
    await follower.cancel();
    expect(jobs.asked.at(-1)).toBe('cancel j1');
    expect(follower.progress).toMatchObject({
      phase: 'running',
      isCancelling: true
    });
    jobs.job = { ...jobs.job, state: 'cancelled' };
    await pass(1000);
    expect(follower.progress).toMatchObject({
      phase: 'cancelled',
      isCancelling: false
    });
    await follower.cancel();
    expect(jobs.asked.filter(each => each === 'cancel j1')).toHaveLength(1);
  });

  it('should say why it could not be cancelled, and go on', async () => {
    follower.watch();
    await follower.begin(ORDER);
    jobs.failure = refusal('jupyter-failed');
    await follower.cancel();
    expect(follower.progress).toMatchObject({
      phase: 'running',
      isCancelling: false,
      problem: { code: 'jupyter-failed' }
    });
    jobs.failure = null;
    await pass(1000);
    expect(follower.progress.problem).toBeNull();
  });

  it('should follow the next job from its beginning, and hear nothing of the one before', async () => {
    follower.watch();
    jobs.text = 'first\n';
    await follower.begin(ORDER);
    const late = follower.resume('j1');
    jobs.job = { ...jobs.job, id: 'j2' };
    jobs.text = 'second\n';
    await follower.begin(ORDER);
    await late;
    expect(follower.jobId).toBe('j2');
    expect(follower.progress.log).toBe('second\n');
    expect(jobs.signals[1].aborted).toBe(true);
    follower.dismiss();
    expect(follower.progress).toEqual(NO_JOB);
    const { length } = jobs.asked;
    await pass(10_000);
    expect(jobs.asked).toHaveLength(length);
  });

  it('should ask nothing once disposed', async () => {
    follower.watch();
    await follower.begin(ORDER);
    const { length } = jobs.asked;
    follower.dispose();
    await pass(10_000);
    expect(jobs.asked).toHaveLength(length);
  });
});
