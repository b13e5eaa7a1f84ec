import { CodeCell } from '@jupyterlab/cells';
import type { Notebook } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import type { UiServices } from '../ui/context';
import { CellLine, insertLine } from './cell-line';
import type { DoctorServices } from './context';
import { openRun } from './findings';

/** The line below the cell that left a run open, whenever that was: the kernel itself names run and cell. */
export class OpenRunLine implements IDisposable {
  constructor(
    private readonly _ui: UiServices,
    private readonly _services: DoctorServices,
    private readonly _notebook: Notebook
  ) {
    _services.doctor.changed.connect(this._draw, this);
    _notebook.modelContentChanged.connect(this._follow, this);
    this._draw();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._services.doctor.changed.disconnect(this._draw, this);
      if (!this._notebook.isDisposed) {
        this._notebook.modelContentChanged.disconnect(this._follow, this);
      }
      this._shown?.line.dispose();
    }
  }

  /** A cell that is moved gets another widget, some moments after the former one went. */
  private _follow(): void {
    if (this._shown?.cell.isDisposed) {
      this._shown = null;
      void Promise.resolve().then(() => {
        this._draw();
      });
    }
  }

  private _draw(): void {
    if (this._isDisposed || this._notebook.isDisposed) {
      return;
    }
    const { input } = this._services.doctor;
    const found = openRun(input);
    const id = found && (input.facts?.active_run?.cell_id ?? null);
    const cell = this._notebook.widgets.find(
      each => id !== null && each.model.id === id
    );
    if (this._shown && this._shown.cell !== cell) {
      this._shown.line.dispose();
      this._shown = null;
    }
    if (found === null || !(cell instanceof CodeCell)) {
      return;
    }
    if (this._shown) {
      this._shown.line.finding = found;
      return;
    }
    const line = new CellLine(this._ui, this._services, found);
    insertLine(cell, line);
    this._shown = { cell, line };
  }

  private _isDisposed = false;
  private _shown: { readonly cell: CodeCell; readonly line: CellLine } | null =
    null;
}
