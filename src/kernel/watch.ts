import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';
import { type Answer, needsAsking, PASSING } from './answer';
import { Inquiry, type KernelSource } from './inquiry';
import type { KernelReport } from './report';
import type { IKernelWatch, KernelEnvironment, UnknownReason } from './tokens';

/** Changes of a kernel come in flocks: it is asked when there was none for so long. */
export const SETTLE_MS = 150;
/** A restart that takes no longer than this changes nothing of what is shown. */
export const RESTART_GRACE_MS = 5000;

export interface KernelWatchOptions {
  readonly context: ISessionContext;
  readonly source: () => Promise<KernelSource>;
  /** A path without the name of its drive. */
  readonly localPath: (path: string) => string;
}

/** `read`: what the server knows. `look`: the same, and the kernel is asked if that is not of now. */
type Wish = 'read' | 'look';

/** Follows the kernel of one session context. Asks when something changes, never polls. */
export class KernelWatch implements IKernelWatch {
  constructor(private readonly _options: KernelWatchOptions) {
    const { context } = _options;
    this._environment = this._fresh();
    this._inquiry = new Inquiry(_options.source, answer => {
      this._take(answer);
    });
    context.kernelChanged.connect(this._onKernel, this);
    context.statusChanged.connect(this._onStatus, this);
    context.connectionStatusChanged.connect(this._onConnection, this);
    context.propertyChanged.connect(this._onProperty, this);
    context.disposed.connect(this.dispose, this);
    if (this._environment.kernelId !== null) {
      this._later('look');
    }
  }

  get environment(): KernelEnvironment {
    return this._environment;
  }

  get changed(): ISignal<this, KernelEnvironment> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  async probe(modules: ReadonlyArray<string> = []): Promise<KernelEnvironment> {
    while (modules.length > 0 && this._probing !== null) {
      // It does not ask for these.
      await this._probing;
    }
    const { kernelId } = this._environment;
    if (this._probing === null && kernelId !== null && !this._isDisposed) {
      this._cancel();
      this._next = null;
      const probing = this._inquiry
        .ask(kernelId, (source, id, signal) =>
          source.probe(id, signal, modules)
        )
        .finally(() => {
          if (this._probing === probing) {
            this._probing = null;
          }
        });
      this._probing = probing;
    }
    await this._probing;
    // What has taken its place, such as the first question to another kernel, is what is known then.
    await this._inquiry.settled();
    return this._environment;
  }

  /** The server says that there is something new about a kernel. */
  hear(kernelId: string): void {
    if (kernelId === this._environment.kernelId) {
      // Its own answer may have been on its way already.
      this._later('read');
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._stop();
      Signal.clearData(this);
    }
  }

  private get _kernel(): Kernel.IKernelConnection | null {
    return this._options.context.session?.kernel ?? null;
  }

  private get _isQuiet(): boolean {
    const { state } = this._environment;
    return state === 'foreign' || state === 'off' || state === 'none';
  }

  private _fresh(): KernelEnvironment {
    const { context, localPath } = this._options;
    const kernelId = this._kernel?.id ?? null;
    return {
      path: localPath(context.path),
      kernelId,
      state: kernelId === null ? 'none' : 'asking',
      reason: null,
      report: null
    };
  }

  private _onKernel(): void {
    if ((this._kernel?.id ?? null) !== this._environment.kernelId) {
      this._stop();
      this._awaitsIdle = false;
      this._set(this._fresh());
      if (this._environment.kernelId !== null) {
        this._later('look');
      }
    } else if (this._restart !== null) {
      this._later('look');
    }
  }

  private _onStatus(_: unknown, status: Kernel.Status): void {
    if (this._isQuiet) {
      return;
    }
    this._mayRetry = true;
    switch (status) {
      case 'dead':
        this._stop();
        this._unknown('dead');
        break;
      case 'starting':
        if (this._environment.report) {
          this._beginRestart();
        }
        break;
      case 'restarting':
      case 'autorestarting':
        this._beginRestart();
        break;
      case 'idle':
        if (
          this._restart !== null ||
          this._awaitsIdle ||
          this._environment.reason === 'dead'
        ) {
          this._later('look');
        }
        break;
      case 'busy':
        if (this._restart !== null) {
          this._later('look');
        } else if (this._awaitsIdle && this._wish === 'look') {
          // It was idle between two cells only.
          this._cancel();
        }
        break;
    }
  }

  private _onConnection(_: unknown, status: Kernel.ConnectionStatus): void {
    // The first connection comes while the first question is under way.
    if (
      status === 'connecting' ||
      this._isQuiet ||
      this._environment.state === 'asking'
    ) {
      return;
    }
    const isBack =
      status === 'connected' && this._environment.state === 'unknown';
    this._later(isBack ? 'look' : 'read');
  }

  private _onProperty(_: unknown, name: string): void {
    if (name === 'path') {
      const { context, localPath } = this._options;
      this._set({ ...this._environment, path: localPath(context.path) });
      if (!this._isQuiet) {
        this._later('read');
      }
    }
  }

  /** What is known stays until the new process has answered, or takes too long to. */
  private _beginRestart(): void {
    this._cancel();
    this._abort();
    const { report, reason } = this._environment;
    // Of restarts that follow each other, each has its own time.
    clearTimeout(this._restart?.timer);
    this._restart = {
      pid: this._restart?.pid ?? report?.facts?.pid ?? null,
      timer: setTimeout(() => {
        this._unknown('restarting');
      }, RESTART_GRACE_MS)
    };
    if (reason === 'dead') {
      this._unknown('restarting');
    }
  }

  private _later(wish: Wish): void {
    if (this._environment.kernelId === null) {
      return;
    }
    const isLook =
      wish === 'look' || this._wish === 'look' || this._restart !== null;
    this._cancel();
    this._wish = isLook ? 'look' : 'read';
    this._timer = setTimeout(() => {
      this._wish = null;
      this._go(isLook ? 'look' : 'read');
    }, SETTLE_MS);
  }

  private _go(wish: Wish): void {
    const { kernelId } = this._environment;
    if (this._inquiry.isRunning && this._restart === null) {
      // One at a time: what is under way may be the kernel's own answer.
      this._next = wish === 'look' ? wish : (this._next ?? wish);
      return;
    }
    if (kernelId === null) {
      return;
    }
    const formerPid = this._restart?.pid ?? null;
    this._next = null;
    this._probing = null;
    void this._inquiry.ask(kernelId, async (source, id, signal) => {
      const report = await source.report(id, signal);
      const isBusy = this._kernel?.status === 'busy';
      return wish === 'look' && needsAsking(report, formerPid, isBusy)
        ? source.probe(id, signal)
        : report;
    });
  }

  private _take(answer: Answer): void {
    this._read(answer);
    const next = this._next;
    this._next = null;
    if (next !== null) {
      this._later(next);
    }
  }

  private _read(answer: Answer): void {
    const { state, reason } = answer;
    const isPassing = state === 'unknown' && PASSING.has(reason);
    this._awaitsIdle = isPassing || state === 'asking';
    if (
      this._restart !== null &&
      (state === 'asking' || reason === 'restarting' || reason === 'dead')
    ) {
      // The server speaks of the former process: the timer tells if no other comes.
      this._awaitsIdle = true;
      return;
    }
    this._endRestart();
    const before = this._environment;
    const report =
      answer.report?.facts || !before.report?.facts
        ? (answer.report ?? before.report)
        : before.report;
    if (state === 'asking') {
      this._set({ ...before, report });
    } else {
      this._set({ ...before, state, reason, report });
    }
    if (this._awaitsIdle && this._mayRetry && this._kernel?.status === 'idle') {
      // It became idle before the answer came: nothing would tell us to ask again.
      this._mayRetry = false;
      this._later('look');
    }
  }

  private _unknown(reason: UnknownReason): void {
    this._set({ ...this._environment, state: 'unknown', reason });
  }

  private _set(next: KernelEnvironment): void {
    const before = this._environment;
    const report = isSame(before.report, next.report)
      ? before.report
      : next.report;
    if (
      before.path !== next.path ||
      before.kernelId !== next.kernelId ||
      before.state !== next.state ||
      before.reason !== next.reason ||
      before.report !== report
    ) {
      this._environment = { ...next, report };
      this._changed.emit(this._environment);
    }
  }

  private _stop(): void {
    this._cancel();
    this._abort();
    this._endRestart();
  }

  private _cancel(): void {
    clearTimeout(this._timer);
    this._wish = null;
  }

  private _abort(): void {
    this._next = null;
    this._probing = null;
    this._inquiry.abort();
  }

  private _endRestart(): void {
    clearTimeout(this._restart?.timer);
    this._restart = null;
  }

  private _environment: KernelEnvironment;
  private readonly _inquiry: Inquiry;
  private _isDisposed = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  /** What the timer waits to do. */
  private _wish: Wish | null = null;
  /** What to do after the question that is under way. */
  private _next: Wish | null = null;
  private _probing: Promise<void> | null = null;
  /** Between the end of a process and the answer of the next; `pid` is the former one's. */
  private _restart: {
    readonly pid: number | null;
    readonly timer: ReturnType<typeof setTimeout>;
  } | null = null;
  /** To be asked again once it has nothing to do. */
  private _awaitsIdle = false;
  private _mayRetry = true;
  private readonly _changed = new Signal<this, KernelEnvironment>(this);
}

function isSame(a: KernelReport | null, b: KernelReport | null): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
