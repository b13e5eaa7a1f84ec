import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import { asProblem } from '../servers/request';
import type { Problem } from '../servers/tokens';
import type { DoctorServices } from './context';
import type { Memory } from './memory';
import type { Wishes } from './wishes';

/** In the memory: this notebook keeps "Default". */
const DECLINED = 'experiment-declined';
const NOTED_MS = 8000;

/** The experiment of a notebook: its name without the ending. */
export function experimentNameOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.replace(/\.ipynb$/i, '') || name;
}

/** What is offered to a notebook whose runs would land in "Default". */
export interface OfferedExperiment {
  readonly name: string;
  /** Runs have been made already; MLflow cannot move them. */
  readonly isLate: boolean;
  /** It was accepted, and the kernel is being told. */
  readonly isBeingSet: boolean;
}

export interface ExperimentOfferOptions {
  readonly services: DoctorServices;
  readonly wishes: Wishes;
  readonly memory: Memory;
  readonly trans: TranslationBundle;
  /** Whether a cell starts runs and none says where they go. */
  readonly landsInDefault: () => boolean;
}

/**
 * Offers a notebook whose runs would land in "Default" an experiment of its own before it has made one, or sets it. What
 * is accepted is kept by the server, which tells new kernels at their start: also those whose cells all run at once.
 */
export class ExperimentOffer implements IDisposable {
  constructor(private readonly _options: ExperimentOfferOptions) {
    _options.services.doctor.changed.connect(this.look, this);
    _options.wishes.changed.connect(this.look, this);
    this.look();
  }

  /** What stands below the cell; null for nothing. */
  get offered(): OfferedExperiment | null {
    return this._offered;
  }

  /** There is another offer, or none any more. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Cells, the kernel or the settings may be others than before. */
  look(): void {
    const { services, wishes, landsInDefault } = this._options;
    const { state, kernelId, report } = services.doctor.view.environment;
    const wish = wishes.current.experimentForNotebook;
    if (state !== 'known' && kernelId === this._kernelId && wish !== 'never') {
      // A kernel that is busy is what it was.
      return;
    }
    if (this._offered?.isBeingSet) {
      return;
    }
    this._kernelId = kernelId;
    const facts = state === 'known' ? (report?.facts ?? null) : null;
    const notebook = services.notebook();
    if (
      !wishes.areRead ||
      wish === 'never' ||
      facts?.mlflow.spec !== 'module' ||
      facts.experiment.source !== null ||
      kernelId === null ||
      notebook === null ||
      // A restart leaves the id and forgets the experiment.
      this._done === `${kernelId} ${facts.pid}` ||
      !landsInDefault()
    ) {
      this._offer(null);
    } else if (wish === 'always') {
      this._done = `${kernelId} ${facts.pid}`;
      this._offer(null);
      void this._set(kernelId, notebook);
    } else {
      void this._ask(notebook);
    }
  }

  /** A cell that starts runs has ended without an error. */
  runsWereMade(): void {
    this._hasRuns = true;
    if (this._offered !== null) {
      this._offer({ ...this._offered, isLate: true });
    }
  }

  /** Runs to come go to the experiment that is offered. */
  async accept(): Promise<void> {
    const { doctor, notebook } = this._options.services;
    const { kernelId, report } = doctor.view.environment;
    const path = notebook();
    if (kernelId !== null && path !== null && this._offered !== null) {
      this._done = `${kernelId} ${report?.facts?.pid}`;
      // It goes when the kernel knows: whoever waits for that has no run in "Default".
      this._offer({ ...this._offered, isBeingSet: true });
      await this._set(kernelId, path);
    }
    this._offer(null);
  }

  /** Runs of this notebook stay in "Default", and it is not asked again. */
  async decline(): Promise<void> {
    const notebook = this._options.services.notebook();
    this._offer(null);
    if (notebook !== null) {
      this._declined = notebook;
      await this._options.memory.add(notebook, DECLINED);
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._options.services.doctor.changed.disconnect(this.look, this);
      this._options.wishes.changed.disconnect(this.look, this);
      Signal.clearData(this);
    }
  }

  private async _ask(notebook: string): Promise<void> {
    const asked = (this._asked = {});
    if (
      this._declined === notebook ||
      (await this._options.memory.has(notebook, DECLINED))
    ) {
      this._declined = notebook;
      if (this._asked === asked) {
        this._offer(null);
      }
    } else if (!this._isDisposed && this._asked === asked) {
      this._offer({
        name: experimentNameOf(notebook),
        isLate: this._hasRuns,
        isBeingSet: false
      });
    }
  }

  private _offer(next: OfferedExperiment | null): void {
    this._asked = null;
    const before = this._offered;
    if (
      before?.name !== next?.name ||
      before?.isLate !== next?.isLate ||
      before?.isBeingSet !== next?.isBeingSet
    ) {
      this._offered = next;
      this._changed.emit();
    }
  }

  private async _set(kernelId: string, notebook: string): Promise<void> {
    const { services, trans } = this._options;
    const experiment = experimentNameOf(notebook);
    const [now, later] = await Promise.all([
      problemOf(services.kernels.options(kernelId, { experiment })),
      problemOf(services.experiments.remember(notebook, experiment))
    ]);
    const isBusy = now?.code === 'kernel-busy';
    const problem = isBusy ? later : (now ?? later);
    if (problem !== null) {
      Notification.error(
        trans.__(
          'This notebook’s experiment could not be set. %1',
          `${problem.message} ${problem.hint}`
        ),
        { autoClose: NOTED_MS }
      );
    } else if (isBusy) {
      Notification.info(
        trans.__(
          'The kernel is busy: runs go to the experiment “%1” when the cell that is running has ended.',
          experiment
        ),
        { autoClose: NOTED_MS }
      );
    }
    if (now === null) {
      await services.doctor.watch.probe();
    }
  }

  private _isDisposed = false;
  private _offered: OfferedExperiment | null = null;
  private _hasRuns = false;
  private _kernelId: string | null = null;
  /** The kernel, and its process, that were looked after. */
  private _done: string | null = null;
  private _declined: string | null = null;
  /** The question to the memory that counts. */
  private _asked: object | null = null;
  private readonly _changed = new Signal<this, void>(this);
}

function problemOf(request: Promise<unknown>): Promise<Problem | null> {
  return request.then(
    () => null,
    (reason: unknown) => asProblem(reason)
  );
}
