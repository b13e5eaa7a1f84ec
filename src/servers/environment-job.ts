import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import * as v from 'valibot';
import { ApiError, asProblem } from './api';
import type { Job, JobsApi } from './jobs-api';
import type { ITrackingServers, Problem } from './tokens';

/** A running job is asked at this pace: Jupyter alone answers, no tracking server. */
const POLL_MS = 1000;
/** So much of the output is kept, in characters. */
const LOG_LIMIT = 100_000;

const ticketSchema = v.object({
  jobId: v.string(),
  then: v.union([
    v.object({ addUri: v.string() }),
    v.object({ startId: v.string() })
  ])
});

/** What is to be done once there is an interpreter with MLflow: use a store, or start a server of the list. */
export type AfterEnvironment =
  { readonly addUri: string } | { readonly startId: string };

/** What is remembered of a job, so that a reload finds it again. */
export type JobTicket = v.InferOutput<typeof ticketSchema>;

/** The ticket in what was remembered; null if it is not one. */
export function readTicket(remembered: unknown): JobTicket | null {
  const ticket = v.safeParse(ticketSchema, remembered);
  return ticket.success ? ticket.output : null;
}

export interface JobView {
  /** `idle`: there is no job. `finishing`: the environment is made, its server is being added. */
  readonly phase:
    'idle' | 'beginning' | 'running' | 'finishing' | 'failed' | 'cancelled';
  readonly steps: ReadonlyArray<string>;
  readonly step: string;
  /** The output so far, its beginning cut off where it is long. */
  readonly log: string;
  readonly problem: Problem | null;
  readonly isCancelling: boolean;
}

const IDLE: JobView = Object.freeze({
  phase: 'idle',
  steps: [],
  step: '',
  log: '',
  problem: null,
  isCancelling: false
});

export interface EnvironmentJobOptions {
  readonly api: Pick<JobsApi, 'createEnvironment' | 'get' | 'log' | 'cancel'>;
  readonly servers: Pick<
    ITrackingServers,
    'add' | 'start' | 'servers' | 'select'
  >;
  readonly remembered: () => Promise<unknown>;
  /** Null forgets. */
  readonly remember: (ticket: JobTicket | null) => void;
}

/** Makes an environment with MLflow, then uses it; one at a time, found again after a reload. */
export class EnvironmentJob implements IDisposable {
  constructor(private readonly _options: EnvironmentJobOptions) {}

  get view(): JobView {
    return this._view;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Counts who looks at it; it asks nothing while nobody does. The job goes on in the Jupyter server. */
  watch(): IDisposable {
    this._watchers++;
    if (this._watchers === 1) {
      void (this._ticket ? this._follow() : this._resume());
    }
    return new DisposableDelegate(() => {
      this._watchers--;
      if (this._watchers === 0) {
        this._rest();
      }
    });
  }

  /** Begins. Failing, it says so in `view`. */
  async begin(then: AfterEnvironment): Promise<void> {
    this._then = then;
    this._ticket = null;
    this._log = '';
    this._offset = 0;
    this._set({ ...IDLE, phase: 'beginning' });
    try {
      const job = await this._options.api.createEnvironment();
      if (this._isDisposed) {
        return;
      }
      this._ticket = { jobId: job.id, then };
      this._options.remember(this._ticket);
      this._take(job);
      await this._follow();
    } catch (reason) {
      this._set({ ...this._view, phase: 'failed', problem: asProblem(reason) });
    }
  }

  /** Tries again what failed. */
  async retry(): Promise<void> {
    if (this._madeIt && this._ticket) {
      await this._finish(this._ticket.then);
    } else if (this._then) {
      await this.begin(this._then);
    }
  }

  async cancel(): Promise<void> {
    if (!this._ticket) {
      return;
    }
    this._set({ ...this._view, isCancelling: true });
    try {
      this._take(await this._options.api.cancel(this._ticket.jobId));
    } catch (reason) {
      this._set({
        ...this._view,
        isCancelling: false,
        problem: asProblem(reason)
      });
    }
  }

  /** Back to no job, after it failed or was cancelled. */
  dismiss(): void {
    this._rest();
    this._ticket = null;
    this._madeIt = false;
    this._options.remember(null);
    this._set(IDLE);
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._rest();
      Signal.clearData(this);
    }
  }

  private async _resume(): Promise<void> {
    const ticket = readTicket(
      await this._options.remembered().catch(() => null)
    );
    if (
      ticket &&
      !this._ticket &&
      this._view.phase === 'idle' &&
      !this._isDisposed
    ) {
      this._ticket = ticket;
      this._then = ticket.then;
      this._set({ ...IDLE, phase: 'running' });
      await this._follow();
    }
  }

  /** Asks until the job has ended or nobody looks. */
  private async _follow(): Promise<void> {
    this._rest();
    if (
      !this._ticket ||
      this._watchers === 0 ||
      this._isDisposed ||
      this._view.phase !== 'running'
    ) {
      return;
    }
    const { jobId } = this._ticket;
    const mine = (this._pending = new AbortController());
    try {
      const [job, log] = await Promise.all([
        this._options.api.get(jobId, mine.signal),
        this._options.api.log(jobId, this._offset, mine.signal)
      ]);
      if (this._pending !== mine) {
        return;
      }
      this._offset = log.next_offset;
      this._log = (this._log + log.text).slice(-LOG_LIMIT);
      this._take(job);
    } catch (reason) {
      if (this._pending !== mine) {
        return;
      }
      if (reason instanceof ApiError) {
        // Jupyter was restarted, and its jobs ended with it.
        this._set({ ...this._view, phase: 'failed', problem: reason.problem });
      } else {
        this._set({ ...this._view, problem: asProblem(reason) });
      }
    }
    if (this._view.phase === 'running' && this._watchers > 0) {
      this._timer = setTimeout(() => {
        void this._follow();
      }, POLL_MS);
    }
  }

  private _take(job: Job): void {
    const phase = job.state === 'done' ? 'finishing' : job.state;
    this._set({
      phase,
      steps: job.steps,
      step: job.step,
      log: this._log,
      problem: job.problem,
      isCancelling: this._view.isCancelling && job.state === 'running'
    });
    if (phase === 'finishing' && this._ticket) {
      void this._finish(this._ticket.then);
    }
    if (phase === 'failed' || phase === 'cancelled') {
      this._options.remember(null);
    }
  }

  private async _finish(then: AfterEnvironment): Promise<void> {
    const { servers } = this._options;
    this._madeIt = true;
    this._set({ ...this._view, phase: 'finishing', problem: null });
    try {
      const id =
        'startId' in then ? then.startId : await this._addStore(then.addUri);
      servers.select(id);
      await servers.start(id);
      this.dismiss();
    } catch (reason) {
      this._options.remember(null);
      this._set({ ...this._view, phase: 'failed', problem: asProblem(reason) });
    }
  }

  private async _addStore(uri: string): Promise<string> {
    try {
      return (await this._options.servers.add({ uri })).id;
    } catch (reason) {
      if (
        reason instanceof ApiError &&
        reason.problem.code === 'server-exists' &&
        reason.serverId !== null
      ) {
        return reason.serverId;
      }
      throw reason;
    }
  }

  private _rest(): void {
    clearTimeout(this._timer);
    this._pending?.abort();
    this._pending = null;
  }

  private _set(view: JobView): void {
    if (!this._isDisposed) {
      this._view = view;
      this._changed.emit();
    }
  }

  private _view: JobView = IDLE;
  private _ticket: JobTicket | null = null;
  private _then: AfterEnvironment | null = null;
  private _log = '';
  private _offset = 0;
  private _watchers = 0;
  /** The environment is there; what failed came after it. */
  private _madeIt = false;
  private _isDisposed = false;
  private _pending: AbortController | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private readonly _changed = new Signal<this, void>(this);
}
