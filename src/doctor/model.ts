import type { ISessionContext } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import type { KernelReport } from '../kernel/report';
import type { KernelEnvironment, IKernelWatch } from '../kernel/tokens';
import type { ITrackingServers } from '../servers/tokens';
import { diagnose, inputOf, markOf } from './findings';
import type { MarkView } from './mark';
import type { ServerVersions } from './server-versions';
import type { Kernelspecs } from './specs';
import type { DoctorInput, Finding } from './tokens';
import type { Wishes } from './wishes';

/** A process that cannot import for so many reasons is tried no more. */
const MOST_TRIALS = 5;

/** What is shown of one kernel. Replaced, never mutated. */
export interface DoctorView {
  readonly environment: KernelEnvironment;
  readonly findings: ReadonlyArray<Finding>;
  readonly mark: MarkView;
  /** Somebody has asked for a check that has not ended. */
  readonly isChecking: boolean;
}

export interface KernelDoctorOptions {
  readonly watch: IKernelWatch;
  readonly context: Pick<ISessionContext, 'kernelPreference'>;
  readonly servers: Pick<
    ITrackingServers,
    'current' | 'health' | 'changed' | 'isActivated' | 'activate'
  >;
  readonly wishes: Pick<Wishes, 'current' | 'changed'>;
  readonly specs: Pick<Kernelspecs, 'current' | 'changed' | 'want' | 'forget'>;
  readonly versions: Pick<
    ServerVersions,
    'current' | 'changed' | 'want' | 'forget'
  >;
  /** Begins an import of MLflow as the kernel would do it, in a process of its own; its report tells what came of it. */
  readonly tryImport: (kernelId: string) => Promise<unknown>;
  readonly trans: TranslationBundle;
}

/** What the kernel of one notebook or console says, and what it means. */
export class KernelDoctor implements IDisposable {
  constructor(private readonly _options: KernelDoctorOptions) {
    const { watch, servers, specs, versions, wishes } = _options;
    this._view = this._make();
    watch.changed.connect(this._update, this);
    servers.changed.connect(this._update, this);
    specs.changed.connect(this._update, this);
    versions.changed.connect(this._update, this);
    wishes.changed.connect(this._update, this);
    this._wantMore();
  }

  get view(): DoctorView {
    return this._view;
  }

  get watch(): IKernelWatch {
    return this._options.watch;
  }

  get changed(): ISignal<this, DoctorView> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** What findings are made of now: for errors of cells. */
  get input(): DoctorInput {
    const { watch, context, servers, specs, wishes } = this._options;
    const { current, health } = servers;
    return inputOf(watch.environment, {
      kernelspecs: specs.current,
      kernelName: context.kernelPreference.name ?? null,
      server: current,
      serverVersion: current ? health.version : null,
      versions: this._options.versions.current,
      mayConnect: wishes.current.connectKernels !== 'never',
      serverNeedsLogin: current ? health.state === 'signed-out' : null,
      imported: this._report?.import_check ?? null
    });
  }

  /** Asks the kernel again, and tries an import again that has failed; never rejects. */
  async check(): Promise<void> {
    if (this._isChecking) {
      return;
    }
    this._isChecking = true;
    this._options.specs.forget();
    this._options.versions.forget();
    this._update();
    try {
      await this._options.watch.probe();
      if (this.input.imported?.ok === false) {
        await this._try();
      }
    } finally {
      this._isChecking = false;
      this._update();
    }
  }

  /**
   * A cell could not import MLflow: whether another process can is tried, in the background and once for each cause and
   * process of the kernel. Never rejects.
   *
   * @param cause - such as the text of the error.
   * @param isAgain - something has changed since: packages were installed.
   */
  async tryImport(cause: string, isAgain = false): Promise<void> {
    const pid = this._report?.facts?.pid;
    if (pid !== undefined && pid !== this._triedOf) {
      this._triedOf = pid;
      this._tried.clear();
    }
    if (
      pid !== undefined &&
      (isAgain || (!this._tried.has(cause) && this._tried.size < MOST_TRIALS))
    ) {
      this._tried.add(cause);
      await this._try();
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      Signal.clearData(this);
    }
  }

  /** Of a kernel that has answered. */
  private get _report(): KernelReport | null {
    const { state, report } = this._options.watch.environment;
    return state === 'known' ? report : null;
  }

  private async _try(): Promise<void> {
    const { kernelId } = this._options.watch.environment;
    if (kernelId !== null) {
      // Findings do without: somebody installs there just now, or may not have jobs.
      await this._options.tryImport(kernelId).catch(() => undefined);
    }
  }

  private _make(): DoctorView {
    const { environment } = this._options.watch;
    const findings = diagnose(this.input);
    const mark = markOf(environment, findings, this._options.trans);
    return {
      environment,
      findings,
      mark: { ...mark, findings: findings.map(({ id }) => id) },
      isChecking: this._isChecking
    };
  }

  private _update(): void {
    if (this._isDisposed) {
      return;
    }
    const next = this._make();
    this._wantMore(next);
    if (JSON.stringify(next) !== JSON.stringify(this._view)) {
      this._view = next;
      this._changed.emit(next);
    }
  }

  /** Other kernels matter where this one has no MLflow; the panel's server, where its own is in use. */
  private _wantMore(view = this._view): void {
    const { servers, specs, versions } = this._options;
    const { state, reason, report } = view.environment;
    const facts = state === 'known' ? (report?.facts ?? null) : null;
    if (
      reason === 'dead' ||
      (facts !== null && facts.mlflow.spec !== 'module')
    ) {
      specs.want();
    }
    if (facts?.mlflow.imported) {
      const id = report?.logs_to?.server_id ?? null;
      if (!servers.isActivated) {
        servers.activate();
      } else if (id !== null && servers.current && id !== servers.current.id) {
        versions.want(id);
      }
    }
  }

  private readonly _tried = new Set<string>();
  /** The process that `_tried` is about. */
  private _triedOf: number | null = null;
  private _view: DoctorView;
  private _isChecking = false;
  private _isDisposed = false;
  private readonly _changed = new Signal<this, DoctorView>(this);
}
