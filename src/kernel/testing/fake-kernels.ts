import type { ISessionContext } from '@jupyterlab/apputils';
import { Signal } from '@lumino/signaling';
import type { KernelSource } from '../inquiry';
import type { KernelReport } from '../report';
import type {
  IKernelEnvironments,
  IKernelWatch,
  KernelEnvironment
} from '../tokens';
import { someReport } from './reports';

/** The session of a notebook or console, as far as we look at one. */
export class FakeSessionContext {
  constructor(
    public path = 'notebooks/train.ipynb',
    kernelId: string | null = 'kernel-1'
  ) {
    this.use(kernelId, false);
  }

  session: { kernel: { id: string; status: string } | null } | null = null;
  isDisposed = false;
  readonly kernelChanged = new Signal<object, object>(this);
  readonly statusChanged = new Signal<object, string>(this);
  readonly connectionStatusChanged = new Signal<object, string>(this);
  readonly propertyChanged = new Signal<object, string>(this);
  readonly disposed = new Signal<object, void>(this);

  get asContext(): ISessionContext {
    return this as unknown as ISessionContext;
  }

  /** Another kernel, or none. */
  use(id: string | null, tell = true): void {
    this.session = id === null ? null : { kernel: { id, status: 'idle' } };
    if (tell) {
      this.kernelChanged.emit({});
    }
  }

  setStatus(...statuses: string[]): void {
    for (const status of statuses) {
      if (this.session?.kernel) {
        this.session.kernel.status = status;
      }
      this.statusChanged.emit(status);
    }
  }

  rename(path: string): void {
    this.path = path;
    this.propertyChanged.emit('path');
  }

  dispose(): void {
    this.isDisposed = true;
    this.disposed.emit();
    Signal.clearData(this);
  }
}

/** The server extension: answers with what the test has put there, and notes what it was asked. */
export class FakeKernelSource implements KernelSource {
  readonly asked: string[] = [];
  /** What is known, for each kernel. */
  readonly known = new Map<string, KernelReport>();
  /** What a kernel answers, if not what is known. */
  answer: (id: string) => Promise<KernelReport> = id =>
    Promise.resolve(this.of(id));

  of(id: string): KernelReport {
    return this.known.get(id) ?? someReport({ id });
  }

  report(id: string): Promise<KernelReport> {
    this.asked.push(`report ${id}`);
    return Promise.resolve(this.of(id));
  }

  probe(
    id: string,
    _signal?: AbortSignal,
    modules: ReadonlyArray<string> = []
  ): Promise<KernelReport> {
    this.asked.push(['probe', id, ...modules].join(' '));
    return this.answer(id);
  }
}

/** A watch that says what the test wants. */
export class FakeKernelWatch implements IKernelWatch {
  readonly changed = new Signal<this, KernelEnvironment>(this);
  isDisposed = false;
  /** How often the kernel was asked, and what it becomes then. */
  probes = 0;
  afterProbe: Partial<KernelEnvironment> | null = null;

  constructor(
    public environment: KernelEnvironment = {
      path: 'notebooks/train.ipynb',
      kernelId: 'kernel-1',
      state: 'known',
      reason: null,
      report: someReport()
    }
  ) {}

  set(change: Partial<KernelEnvironment>): void {
    this.environment = { ...this.environment, ...change };
    this.changed.emit(this.environment);
  }

  probe(): Promise<KernelEnvironment> {
    this.probes++;
    if (this.afterProbe) {
      this.set(this.afterProbe);
    }
    return Promise.resolve(this.environment);
  }

  dispose(): void {
    this.isDisposed = true;
    Signal.clearData(this);
  }
}

/** Watches that a test has made; `current` is the one last used. */
export class FakeKernelEnvironments implements IKernelEnvironments {
  readonly currentChanged = new Signal<this, IKernelWatch | null>(this);
  readonly watches = new Map<ISessionContext, FakeKernelWatch>();
  isDisposed = false;

  constructor(public current: FakeKernelWatch | null = null) {}

  use(watch: FakeKernelWatch | null): void {
    this.current = watch;
    this.currentChanged.emit(watch);
  }

  of(context: ISessionContext): FakeKernelWatch {
    let watch = this.watches.get(context);
    if (!watch) {
      watch = this.current ?? new FakeKernelWatch();
      this.watches.set(context, watch);
    }
    return watch;
  }

  dispose(): void {
    this.isDisposed = true;
    Signal.clearData(this);
  }
}
