import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { asProblem } from '../servers/request';
import type { DoctorServices } from './context';
import type { Memory } from './memory';
import type { Wishes } from './wishes';

/** What was asked, in the memory, and whether the answer was yes: a process that starts later gets the same. */
const ASKED = 'experiment';
const ACCEPTED = 'experiment-accepted';

/** The experiment of a notebook: its name without the ending. */
export function experimentNameOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.replace(/\.ipynb$/i, '') || name;
}

export interface ExperimentOfferOptions {
  readonly services: DoctorServices;
  readonly wishes: Wishes;
  readonly memory: Memory;
  readonly trans: TranslationBundle;
  /** Whether a cell starts runs. */
  readonly startsRuns: () => boolean;
}

/** Offers an experiment of its own to a notebook whose runs would land in "Default", or sets it. */
export class ExperimentOffer implements IDisposable {
  constructor(private readonly _options: ExperimentOfferOptions) {
    _options.services.doctor.changed.connect(this.look, this);
    _options.wishes.changed.connect(this.look, this);
    this.look();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  look(): void {
    const { services, wishes, startsRuns } = this._options;
    const { state, kernelId, report } = services.doctor.view.environment;
    const facts = state === 'known' ? (report?.facts ?? null) : null;
    const notebook = services.notebook();
    const wish = wishes.current.experimentForNotebook;
    if (
      !wishes.areRead ||
      wish === 'never' ||
      facts?.mlflow.spec !== 'module' ||
      facts.experiment.source !== null ||
      kernelId === null ||
      notebook === null ||
      // A restart leaves the id and forgets the experiment.
      this._done === `${kernelId} ${facts.pid}` ||
      !startsRuns()
    ) {
      return;
    }
    const done = `${kernelId} ${facts.pid}`;
    this._done = done;
    if (wish === 'always') {
      void this._set(kernelId, notebook);
    } else {
      void this._ask(kernelId, notebook, facts.mlflow.imported !== null).then(
        isSettled => {
          if (!isSettled && this._done === done) {
            this._done = null;
          }
        }
      );
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._options.services.doctor.changed.disconnect(this.look, this);
      this._options.wishes.changed.disconnect(this.look, this);
    }
  }

  /** @returns whether nothing is left to do for this process of the kernel. */
  private async _ask(
    kernelId: string,
    notebook: string,
    isUsed: boolean
  ): Promise<boolean> {
    const { memory, trans, services } = this._options;
    if (await memory.has(notebook, ACCEPTED)) {
      if (!this._isDisposed) {
        await this._set(kernelId, notebook);
      }
      return true;
    }
    if (!isUsed) {
      return false;
    }
    if ((await memory.has(notebook, ASKED)) || this._isDisposed) {
      return true;
    }
    await memory.add(notebook, ASKED);
    const name = experimentNameOf(notebook);
    Notification.emit(
      trans.__('Runs of this notebook go to the experiment “Default”.'),
      'info',
      {
        autoClose: false,
        actions: [
          {
            label: trans.__('Use the experiment “%1”', name),
            displayType: 'accent',
            callback: () => {
              const { kernelId } = services.doctor.view.environment;
              void memory.add(notebook, ACCEPTED);
              if (kernelId !== null) {
                void this._set(kernelId, notebook);
              }
            }
          },
          { label: trans.__('Keep “Default”'), callback: () => undefined }
        ]
      }
    );
    return true;
  }

  private async _set(kernelId: string, notebook: string): Promise<void> {
    const { services, trans } = this._options;
    const experiment = experimentNameOf(notebook);
    try {
      await services.kernels.options(kernelId, { experiment });
    } catch (reason) {
      const { code, message, hint } = asProblem(reason);
      if (code !== 'kernel-busy') {
        Notification.error(
          trans.__(
            'This notebook’s experiment could not be set. %1',
            `${message} ${hint}`
          ),
          { autoClose: 8000 }
        );
      }
      return;
    }
    await services.doctor.watch.probe();
  }

  private _isDisposed = false;
  /** The kernel, and its process, that were looked after. */
  private _done: string | null = null;
}
