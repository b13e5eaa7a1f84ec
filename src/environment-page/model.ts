import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import type { EnvironmentsApi, MachineEnvironments } from '../environments';
import type { IKernelEnvironments, IKernelWatch } from '../kernel/tokens';
import { asProblem } from '../servers/request';
import type { Problem } from '../servers/tokens';

/** The notebook or console in use, and what its kernel runs in. */
export interface ActiveKernel {
  readonly name: string;
  /** Of its kernelspec; null while it has no kernel. */
  readonly kernelName: string | null;
  /** Null where it is not known, and for a kernel of another machine. */
  readonly prefix: string | null;
}

/** What the page shows. Replaced, never mutated. */
export interface EnvironmentsView {
  /** Null until the first answer. */
  readonly machine: MachineEnvironments | null;
  /** Why the last question had no answer. */
  readonly problem: Problem | null;
  readonly isAsking: boolean;
  readonly active: ActiveKernel | null;
}

export interface EnvironmentsModelOptions {
  readonly api: Pick<EnvironmentsApi, 'list'>;
  readonly kernels: Pick<IKernelEnvironments, 'current' | 'currentChanged'>;
  /** What a notebook or console is called. @param path - as its watch has it. */
  readonly nameOf: (path: string) => string;
  /** Each says, when it emits, that environments or kernels may be others. */
  readonly changes: ReadonlyArray<ISignal<unknown, unknown>>;
}

/** Interpreters and kernelspecs of the machine; asked while somebody looks, never on a timer. */
export class EnvironmentsModel implements IDisposable {
  constructor(private readonly _options: EnvironmentsModelOptions) {
    const { kernels, changes } = _options;
    for (const changed of changes) {
      changed.connect(this._onChange, this);
    }
    kernels.currentChanged.connect(this._follow, this);
    this._follow();
  }

  get view(): EnvironmentsView {
    return this._view;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Counts who looks; the first to look has it asked. */
  watch(): IDisposable {
    this._watchers++;
    if (this._watchers === 1) {
      void this.refresh(false);
    }
    return new DisposableDelegate(() => {
      this._watchers--;
      if (this._watchers === 0) {
        this._pending?.abort();
      }
    });
  }

  /** Asks; the latest question wins. @param fresh - every interpreter is run anew. */
  async refresh(fresh: boolean): Promise<void> {
    this._pending?.abort();
    const mine = (this._pending = new AbortController());
    this._set({ isAsking: true });
    const next = await this._options.api.list(fresh, mine.signal).then(
      machine => ({ machine, problem: null }),
      (reason: unknown) => ({ problem: asProblem(reason) })
    );
    if (this._pending === mine) {
      this._pending = null;
      this._set({ isAsking: false, ...(!mine.signal.aborted && next) });
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._pending?.abort();
      this._watch?.changed.disconnect(this._read, this);
      Signal.clearData(this);
    }
  }

  private _onChange(): void {
    if (this._watchers > 0) {
      void this.refresh(false);
    }
  }

  private _follow(): void {
    this._watch?.changed.disconnect(this._read, this);
    this._watch = this._options.kernels.current;
    this._watch?.changed.connect(this._read, this);
    this._read();
  }

  private _read(): void {
    const active = activeOf(this._watch, this._options.nameOf);
    if (JSON.stringify(active) !== JSON.stringify(this._view.active)) {
      this._set({ active });
    }
  }

  private _set(change: Partial<EnvironmentsView>): void {
    if (!this._isDisposed) {
      this._view = { ...this._view, ...change };
      this._changed.emit();
    }
  }

  private _view: EnvironmentsView = {
    machine: null,
    problem: null,
    isAsking: false,
    active: null
  };
  private _watch: IKernelWatch | null = null;
  private _watchers = 0;
  private _isDisposed = false;
  private _pending: AbortController | null = null;
  private readonly _changed = new Signal<this, void>(this);
}

function activeOf(
  watch: IKernelWatch | null,
  nameOf: (path: string) => string
): ActiveKernel | null {
  if (watch === null) {
    return null;
  }
  const { path, state, report } = watch.environment;
  const facts =
    state === 'known' && report?.reach === 'local' ? report.facts : null;
  return {
    name: nameOf(path),
    kernelName: report?.name ?? null,
    prefix: facts?.prefix ?? null
  };
}
