import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import { JobFollower, type JobsApi } from '../jobs';
import type { JobOrder } from '../jobs/tokens';
import { asProblem } from '../servers/request';
import type { Problem } from '../servers/tokens';
import type { KernelAnswer } from './proof';
import type { Ticket } from './tickets';
import type { KernelHolder } from './tokens';

/** What follows a job: nothing yet, the kernel is asked, or what it said. */
export type AfterJob =
  | null
  | { readonly state: 'asking' }
  | { readonly state: 'answered'; readonly answer: KernelAnswer }
  | { readonly state: 'failed'; readonly problem: Problem };

/** A job, what it is about, and the question to the kernel after it. */
export class Undertaking implements IDisposable {
  /**
   * @param label - what it is about: packages, a kernel's name, a folder.
   * @param path - of the notebook or console that it is for.
   * @param module - what is to be importable afterwards.
   */
  constructor(
    api: JobsApi,
    readonly kind: JobOrder['kind'],
    readonly label: string,
    readonly path: string | null,
    readonly module = 'mlflow'
  ) {
    this.follower = new JobFollower(api);
  }

  readonly follower: JobFollower;

  get after(): AfterJob {
    return this._after;
  }

  /** `after` is another one; progress is told by `follower.changed`. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get ticket(): Ticket | null {
    const { kind, label, path, module } = this;
    const { jobId } = this.follower;
    return jobId === null ? null : { jobId, kind, label, path, module };
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Does what ends with an answer of the kernel, and keeps that. */
  async ask(work: () => Promise<KernelAnswer>): Promise<void> {
    this._set({ state: 'asking' });
    try {
      this._set({ state: 'answered', answer: await work() });
    } catch (reason) {
      this._set({ state: 'failed', problem: asProblem(reason) });
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this.follower.dispose();
      Signal.clearData(this);
    }
  }

  private _set(after: AfterJob): void {
    this._after = after;
    this._changed.emit();
  }

  private _after: AfterJob = null;
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
}

/** Where an undertaking finds the notebook that it is for: open still, or again after a reload. */
export type FindHolder = (path: string) => KernelHolder | null;
