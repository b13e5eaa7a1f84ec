import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import { ApiError, asProblem } from '../servers/request';
import type { JobsApi } from './api';
import type { Job, JobOrder, JobProgress } from './tokens';

/** A running job is asked at this pace: Jupyter alone answers, no tracking server. */
const POLL_MS = 1000;
/** Where no answer comes, such as while Jupyter starts anew, the pace slows down to this. */
const SLOWEST_MS = 15_000;
/** Jupyter answers that there is nothing to follow: it was restarted, and its jobs ended with it. */
const OVER: ReadonlySet<string> = new Set(['unknown-job', 'feature-off']);
/** So much of the output is kept, in characters. */
const LOG_LIMIT = 100_000;

export const NO_JOB: JobProgress = Object.freeze({
  phase: 'idle',
  steps: [],
  step: '',
  log: '',
  problem: null,
  result: null,
  isCancelling: false
});

/** Follows one job after the other while somebody looks; the job itself goes on in the Jupyter server. */
export class JobFollower implements IDisposable {
  constructor(
    private readonly _api: Pick<JobsApi, 'create' | 'get' | 'log' | 'cancel'>
  ) {}

  get progress(): JobProgress {
    return this._progress;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Of the job that is followed; null without one. */
  get jobId(): string | null {
    return this._jobId;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Counts who looks at it; it asks nothing while nobody does. */
  watch(): IDisposable {
    this._watchers++;
    if (this._watchers === 1) {
      void this._ask();
    }
    return new DisposableDelegate(() => {
      this._watchers--;
      if (this._watchers === 0) {
        this._rest();
      }
    });
  }

  /**
   * Begins a job; resolves with its id as soon as it runs.
   *
   * @throws ApiError for what is refused; there is no job then.
   */
  async begin(order: JobOrder): Promise<string> {
    this._forget();
    this._set({ ...NO_JOB, phase: 'beginning' });
    let job: Job;
    try {
      job = await this._api.create(order);
    } catch (reason) {
      this._set(NO_JOB);
      throw reason;
    }
    if (!this._isDisposed) {
      this._jobId = job.id;
      this._take(job);
      await this._ask();
    }
    return job.id;
  }

  /** Goes on with a job that was begun before, such as by the page that was there before a reload. */
  async resume(jobId: string): Promise<void> {
    this._forget();
    this._jobId = jobId;
    this._set({ ...NO_JOB, phase: 'running' });
    await this._ask();
  }

  /** Failing, it says so in `progress`. */
  async cancel(): Promise<void> {
    const { _jobId: jobId } = this;
    if (jobId === null || this._progress.phase !== 'running') {
      return;
    }
    this._set({ ...this._progress, isCancelling: true });
    try {
      const job = await this._api.cancel(jobId);
      if (jobId === this._jobId) {
        this._take(job);
      }
    } catch (reason) {
      this._set({
        ...this._progress,
        isCancelling: false,
        problem: asProblem(reason)
      });
    }
  }

  /** Back to no job. One that runs goes on unseen. */
  dismiss(): void {
    this._forget();
    this._set(NO_JOB);
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._rest();
      Signal.clearData(this);
    }
  }

  /** Asks until the job has ended or nobody looks. */
  private async _ask(): Promise<void> {
    this._rest();
    const jobId = this._jobId;
    if (jobId === null || !this._isFollowing) {
      return;
    }
    const mine = (this._pending = new AbortController());
    try {
      // The state first: what is written until a job ends is in a log that is read after it.
      const job = await this._api.get(jobId, mine.signal);
      const log = await this._api.log(jobId, this._offset, mine.signal);
      if (this._pending !== mine) {
        return;
      }
      this._failures = 0;
      this._offset = log.next_offset;
      this._log = (this._log + log.text).slice(-LOG_LIMIT);
      this._take(job);
    } catch (reason) {
      if (this._pending !== mine) {
        return;
      }
      this._failures++;
      const isOver =
        reason instanceof ApiError && OVER.has(reason.problem.code);
      this._set({
        ...this._progress,
        phase: isOver ? 'failed' : this._progress.phase,
        problem: asProblem(reason)
      });
    }
    if (this._isFollowing) {
      const doublings = Math.max(0, this._failures - 1);
      const wait = Math.min(POLL_MS * 2 ** doublings, SLOWEST_MS);
      this._timer = setTimeout(() => {
        void this._ask();
      }, wait);
    }
  }

  private get _isFollowing(): boolean {
    return (
      this._progress.phase === 'running' &&
      this._watchers > 0 &&
      !this._isDisposed
    );
  }

  private _take(job: Job): void {
    this._set({
      phase: job.state,
      steps: job.steps,
      step: job.step,
      log: this._log,
      problem: job.problem,
      result: job.result,
      isCancelling: this._progress.isCancelling && job.state === 'running'
    });
  }

  private _forget(): void {
    this._rest();
    this._jobId = null;
    this._failures = 0;
    this._offset = 0;
    this._log = '';
  }

  private _rest(): void {
    clearTimeout(this._timer);
    this._pending?.abort();
    this._pending = null;
  }

  private _set(progress: JobProgress): void {
    if (!this._isDisposed) {
      this._progress = progress;
      this._changed.emit();
    }
  }

  private _progress: JobProgress = NO_JOB;
  private _jobId: string | null = null;
  private _log = '';
  private _offset = 0;
  /** How often no answer came, one after the other. */
  private _failures = 0;
  private _watchers = 0;
  private _isDisposed = false;
  private _pending: AbortController | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private readonly _changed = new Signal<this, void>(this);
}
