import type { ConsolePanel } from '@jupyterlab/console';
import type { IDisposable } from '@lumino/disposable';
import { INSTALLS, QUIET_MS, USES } from './code';
import type { DoctorServices } from './context';

/** What is needed of a console. */
export interface DoctorConsole {
  readonly console: Pick<ConsolePanel['console'], 'executed' | 'cells'>;
  readonly sessionContext: ConsolePanel['sessionContext'];
}

/** What looks after one open console: its kernel is asked again after code that concerns MLflow. */
export class ConsoleDoctor implements IDisposable {
  constructor(
    readonly services: DoctorServices,
    private readonly _panel: DoctorConsole
  ) {
    _panel.console.executed.connect(this._onExecuted, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      clearTimeout(this._timer);
      this._panel.console.executed.disconnect(this._onExecuted, this);
      this.services.doctor.dispose();
    }
  }

  private _onExecuted(): void {
    const { cells } = this._panel.console;
    const source =
      cells.length > 0
        ? cells.get(cells.length - 1).model.sharedModel.getSource()
        : '';
    if (USES.test(source) || INSTALLS.test(source)) {
      clearTimeout(this._timer);
      this._timer = setTimeout(() => {
        // One that is busy by now is asked after what it does, or is left alone.
        if (this._panel.sessionContext.session?.kernel?.status === 'idle') {
          void this.services.doctor.watch.probe();
        }
      }, QUIET_MS);
    }
  }

  private _isDisposed = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
