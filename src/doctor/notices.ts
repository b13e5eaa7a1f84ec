import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { type DoctorServices, remedyContext } from './context';
import type { Memory } from './memory';
import { offersOf } from './offers';
import type { Finding } from './tokens';
import { sentenceOf } from './words';
import type { Wishes } from './wishes';

/** More do not fit into a notification beside “Don’t show again”. */
const MOST_REMEDIES = 1;

export interface NoticesOptions {
  readonly services: DoctorServices;
  readonly wishes: Wishes;
  readonly memory: Memory;
  readonly trans: TranslationBundle;
  /** A notebook that does not use MLflow is not stopped by its absence. */
  readonly usesMlflow: () => boolean;
}

/** Tells what stops work, once for each cause; what has been told goes when its cause does. */
export class Notices implements IDisposable {
  constructor(private readonly _options: NoticesOptions) {
    _options.services.doctor.changed.connect(this.look, this);
    _options.wishes.changed.connect(this.look, this);
    this.look();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Something may be worth telling now. */
  look(): void {
    const { services, wishes, usesMlflow } = this._options;
    const { environment } = services.doctor.view;
    const errors = this._errors;
    if (environment.state === 'known') {
      for (const [id, notice] of [...this._shown]) {
        if (!errors.some(each => causeOf(each) === id)) {
          this._shown.delete(id);
          dismiss(notice);
        }
      }
    }
    if (wishes.areRead && wishes.current.notifications && usesMlflow()) {
      for (const finding of errors) {
        void this._tell(causeOf(finding));
      }
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._options.services.doctor.changed.disconnect(this.look, this);
      this._options.wishes.changed.disconnect(this.look, this);
      for (const notice of this._shown.values()) {
        dismiss(notice);
      }
    }
  }

  private get _errors(): ReadonlyArray<Finding> {
    const { findings } = this._options.services.doctor.view;
    return findings.filter(({ severity }) => severity === 'error');
  }

  private async _tell(cause: string): Promise<void> {
    const { services, memory, trans } = this._options;
    const notebook = services.notebook();
    if (notebook === null || this._told.has(cause)) {
      return;
    }
    this._told.add(cause);
    const isUnwanted = await memory.has(notebook, cause);
    const { remedies } = services;
    // What a notification offers stays as it is: not before it is known what is refused here.
    await remedies?.ready();
    if (isUnwanted || this._isDisposed) {
      return;
    }
    const finding = this._errors.find(each => causeOf(each) === cause);
    if (finding === undefined) {
      // Gone meanwhile; should it come again, it has not been told.
      this._told.delete(cause);
      return;
    }
    const actions = (
      remedies === null ? [] : offersOf(finding.remedies, remedies).buttons
    )
      .slice(0, MOST_REMEDIES)
      .map(([label, remedy], at) => ({
        label,
        displayType: at === 0 ? ('accent' as const) : ('default' as const),
        callback: () => {
          void remedies?.run(remedy, remedyContext(services, finding));
        }
      }));
    this._shown.set(
      cause,
      Notification.emit(sentenceOf(finding, trans), 'error', {
        autoClose: false,
        actions: [
          ...actions,
          {
            label: trans.__('Don’t show again for this notebook'),
            callback: () => void memory.add(notebook, cause)
          }
        ]
      })
    );
  }

  private _isDisposed = false;
  private readonly _told = new Set<string>();
  private readonly _shown = new Map<string, string>();
}

/** Whether another kernel has MLflow changes what helps, not what is wrong. */
function causeOf({ id }: Finding): string {
  return id === 'wrong-kernel' ? 'package-missing' : id;
}

function dismiss(notice: string): void {
  if (Notification.manager.has(notice)) {
    Notification.dismiss(notice);
  }
}
