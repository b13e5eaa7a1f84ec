import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { CellLines } from './cell-lines';
import { INSTALLS, QUIET_MS, USES } from './code';
import type { DoctorServices } from './context';
import { ExperimentLine } from './experiment-line';
import { ExperimentOffer } from './experiment-offer';
import type { Memory } from './memory';
import { Notices } from './notices';
import { OpenRunLine } from './open-run-line';
import { choosesExperiment, startsRuns } from '../notebooks';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import type { Wishes } from './wishes';

/** What looks after one open notebook: lines below its cells, notifications, its experiment. */
export class NotebookDoctor implements IDisposable {
  constructor(
    ui: UiServices,
    readonly services: DoctorServices,
    private readonly _panel: NotebookPanel,
    rest: { wishes: Wishes; memory: Memory }
  ) {
    const trans = ui.translator.load(TRANSLATION_DOMAIN);
    const given = { ...rest, services, trans };
    this._lines = new CellLines(ui, services, _panel.content);
    this._openRun = new OpenRunLine(ui, services, _panel.content);
    this._notices = new Notices({
      ...given,
      usesMlflow: () => this._says(code => USES.test(code))
    });
    this._offer = new ExperimentOffer({
      ...given,
      landsInDefault: () =>
        this._says(startsRuns) && !this._says(choosesExperiment)
    });
    this._offerLine = new ExperimentLine(ui, this._offer, _panel.content);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** A cell of the notebook was run. */
  onExecuted(cell: Cell, success: boolean): void {
    const failed = this._lines.take(cell);
    const source = cell.model.sharedModel.getSource();
    if (success && startsRuns(source)) {
      this._offer.runsWereMade();
    }
    this._hasInstalled ||= INSTALLS.test(source);
    // Whatever the cell did, it may have ended the run that was open.
    const { facts } = this.services.doctor.input;
    const wasOpen = facts !== null && facts.active_run !== null;
    if (failed || wasOpen || USES.test(source) || this._hasInstalled) {
      clearTimeout(this._timer);
      this._timer = setTimeout(() => void this._ask(), QUIET_MS);
    }
    this._notices.look();
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      clearTimeout(this._timer);
      this._lines.dispose();
      this._openRun.dispose();
      this._notices.dispose();
      this._offerLine.dispose();
      this._offer.dispose();
      this.services.doctor.dispose();
    }
  }

  /** Only where it has nothing to do: a cell that takes long must not make what is known unknown. */
  private async _ask(): Promise<void> {
    const kernel = this._panel.sessionContext.session?.kernel;
    if (!this._isDisposed && kernel?.status === 'idle') {
      const { doctor } = this.services;
      const isAgain = this._hasInstalled;
      this._hasInstalled = false;
      await doctor.watch.probe(this._lines.modules);
      if (this._isDisposed) {
        return;
      }
      this._offer.look();
      const causes = this._lines.failedImports;
      const isBroken = causes.length > 0 || doctor.input.imported?.ok === false;
      if (isAgain && isBroken) {
        await doctor.tryImport(causes.at(0) ?? '', true);
      } else {
        for (const cause of causes) {
          await doctor.tryImport(cause);
        }
      }
    }
  }

  private _says(test: (code: string) => boolean): boolean {
    const cells = this._panel.content.model?.sharedModel.cells ?? [];
    return cells.some(
      cell => cell.cell_type === 'code' && test(cell.getSource())
    );
  }

  private _isDisposed = false;
  /** A cell may have brought packages since the kernel was asked. */
  private _hasInstalled = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private readonly _lines: CellLines;
  private readonly _openRun: OpenRunLine;
  private readonly _notices: Notices;
  private readonly _offer: ExperimentOffer;
  private readonly _offerLine: ExperimentLine;
}
