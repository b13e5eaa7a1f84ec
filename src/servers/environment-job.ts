import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import * as v from 'valibot';
import { JobFollower, NO_JOB, type JobProgress, type JobsApi } from '../jobs';
import { ApiError, asProblem } from './api';
import type { ITrackingServers } from './tokens';

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

export interface EnvironmentJobOptions {
  readonly api: Pick<JobsApi, 'create' | 'get' | 'log' | 'cancel'>;
  readonly servers: Pick<
    ITrackingServers,
    'add' | 'start' | 'servers' | 'select'
  >;
  readonly remembered: () => Promise<unknown>;
  /** Null forgets. */
  readonly remember: (ticket: JobTicket | null) => void;
}

/** Makes an environment with MLflow, then uses it for a server; one at a time, found again after a reload. */
export class EnvironmentJob implements IDisposable {
  constructor(private readonly _options: EnvironmentJobOptions) {
    this._follower = new JobFollower(_options.api);
    this._follower.changed.connect(this._onProgress, this);
  }

  /** `done`: the environment is made, its server is being added. */
  get view(): JobProgress {
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
      this._watching = this._follower.watch();
      void this._resume();
    }
    return new DisposableDelegate(() => {
      this._watchers--;
      if (this._watchers === 0) {
        this._watching?.dispose();
      }
    });
  }

  /** Begins. Failing, it says so in `view`. */
  async begin(then: AfterEnvironment): Promise<void> {
    this._then = then;
    this._madeIt = false;
    try {
      const jobId = await this._follower.begin({ kind: 'create-environment' });
      if (this._follower.progress.phase === 'running' && !this._isDisposed) {
        this._options.remember({ jobId, then });
      }
    } catch (reason) {
      this._set({ ...NO_JOB, phase: 'failed', problem: asProblem(reason) });
    }
  }

  /** Tries again what failed. */
  async retry(): Promise<void> {
    if (this._then) {
      await (this._madeIt ? this._finish(this._then) : this.begin(this._then));
    }
  }

  async cancel(): Promise<void> {
    await this._follower.cancel();
  }

  /** Back to no job, after it failed or was cancelled. */
  dismiss(): void {
    this._then = null;
    this._madeIt = false;
    this._options.remember(null);
    this._follower.dismiss();
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._follower.dispose();
      Signal.clearData(this);
    }
  }

  private async _resume(): Promise<void> {
    if (this._follower.progress.phase !== 'idle' || this._then) {
      return;
    }
    const ticket = readTicket(
      await this._options.remembered().catch(() => null)
    );
    if (ticket && !this._then && !this._isDisposed) {
      this._then = ticket.then;
      await this._follower.resume(ticket.jobId);
    }
  }

  private _onProgress(): void {
    const { progress } = this._follower;
    if (progress.phase === 'idle' && this._then) {
      // What was refused is said by whoever began it.
      return;
    }
    this._set(progress);
    switch (progress.phase) {
      case 'done':
        if (this._then && !this._madeIt) {
          void this._finish(this._then);
        }
        break;
      case 'failed':
      case 'cancelled':
        this._options.remember(null);
        break;
    }
  }

  private async _finish(then: AfterEnvironment): Promise<void> {
    const { servers } = this._options;
    this._madeIt = true;
    this._set({ ...this._follower.progress, problem: null });
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

  private _set(view: JobProgress): void {
    if (!this._isDisposed) {
      this._view = view;
      this._changed.emit();
    }
  }

  private readonly _follower: JobFollower;
  private _view: JobProgress = NO_JOB;
  private _then: AfterEnvironment | null = null;
  private _watchers = 0;
  private _watching: IDisposable | null = null;
  /** The environment is there; what failed came after it. */
  private _madeIt = false;
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
}
