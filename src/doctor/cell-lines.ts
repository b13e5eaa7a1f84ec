import { type Cell, CodeCell } from '@jupyterlab/cells';
import type { IOutput } from '@jupyterlab/nbformat';
import type { Notebook } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import type { UiServices } from '../ui/context';
import { failedImports, findingOfCell, missingModules } from './cell-findings';
import { CellLine, insertLine } from './cell-line';
import type { DoctorServices } from './context';

/** A kernel is asked for no more at once. */
const MOST_MODULES = 20;

/** A cell that was run in this session and whose output may mean something. */
interface Watched {
  readonly cell: CodeCell;
  /** Another environment did not raise the error. */
  readonly prefix: string | null;
  /** While it was watched, no process could import MLflow. */
  wasBroken: boolean;
  /** What stands below it is what a kernel said that had answered. */
  isSettled: boolean;
  line: CellLine | null;
}

/**
 * The lines below cells that failed for want of a package. Only cells that were run while the notebook was open have one:
 * nobody knows which kernel made outputs that came with the file.
 */
export class CellLines implements IDisposable {
  constructor(
    private readonly _ui: UiServices,
    private readonly _services: DoctorServices,
    private readonly _notebook: Notebook
  ) {
    _services.doctor.changed.connect(this._drawAll, this);
    _notebook.modelContentChanged.connect(this._follow, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** The outermost modules that cells with a line miss: the kernel can tell when they are there. */
  get modules(): ReadonlyArray<string> {
    const found = [...this._watched.values()]
      .filter(({ cell, line }) => line !== null && !cell.isDisposed)
      .flatMap(({ cell }) => missingModules(outputsOf(cell)));
    return [...new Set(found)].slice(-MOST_MODULES);
  }

  /** Why cells with a line could not import MLflow. */
  get failedImports(): ReadonlyArray<string> {
    const found = [...this._watched.values()]
      .filter(({ cell, line }) => line !== null && !cell.isDisposed)
      .flatMap(({ cell }) => failedImports(outputsOf(cell)));
    return [...new Set(found)];
  }

  /** A cell has been run. @returns whether it failed by something of ours. */
  take(cell: Cell): boolean {
    if (!(cell instanceof CodeCell) || this._isDisposed) {
      return false;
    }
    const { id } = cell.model;
    this._drop(id);
    const { facts } = this._services.doctor.input;
    const watched: Watched = {
      cell,
      prefix: facts?.prefix ?? null,
      wasBroken: false,
      isSettled: false,
      line: null
    };
    this._watched.set(id, watched);
    cell.model.outputs.changed.connect(this._drawAll, this);
    this._draw(id, watched);
    return watched.line !== null;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._services.doctor.changed.disconnect(this._drawAll, this);
      if (!this._notebook.isDisposed) {
        this._notebook.modelContentChanged.disconnect(this._follow, this);
      }
      for (const id of [...this._watched.keys()]) {
        this._drop(id);
      }
    }
  }

  private _drawAll(): void {
    for (const [id, watched] of [...this._watched]) {
      this._draw(id, watched);
    }
  }

  /** A cell that is moved gets another widget, some moments after the former one went. */
  private _follow(): void {
    if ([...this._watched.values()].some(({ cell }) => cell.isDisposed)) {
      void Promise.resolve().then(() => {
        this._rejoin();
      });
    }
  }

  private _rejoin(): void {
    if (this._isDisposed || this._notebook.isDisposed) {
      return;
    }
    for (const [id, { cell, prefix, wasBroken, isSettled, line }] of [
      ...this._watched
    ]) {
      if (cell.isDisposed) {
        this._watched.delete(id);
        const moved = this._notebook.widgets.find(each => each.model.id === id);
        if (moved instanceof CodeCell) {
          const watched: Watched = {
            cell: moved,
            prefix,
            wasBroken,
            // A line that went with its cell is drawn again.
            isSettled: isSettled && line === null,
            line: null
          };
          this._watched.set(id, watched);
          moved.model.outputs.changed.connect(this._drawAll, this);
          this._draw(id, watched);
        }
      }
    }
  }

  private _draw(id: string, watched: Watched): void {
    const { cell, prefix } = watched;
    if (cell.isDisposed) {
      return;
    }
    const { input, view } = this._services.doctor;
    const { state } = view.environment;
    const now = input.facts?.prefix ?? null;
    const isOther = prefix !== null && now !== null && prefix !== now;
    if (state === 'known') {
      watched.isSettled = true;
    } else if (
      watched.isSettled &&
      (state === 'unknown' || state === 'asking')
    ) {
      // What could not be asked has not changed what was known: unknown is never "missing".
      return;
    }
    const isQuiet = state === 'foreign' || state === 'off' || state === 'none';
    if (cell.model.outputs.length === 0 || isOther) {
      this._drop(id);
      return;
    }
    watched.wasBroken ||= input.imported?.ok === false;
    const isMended =
      watched.wasBroken &&
      input.imported?.ok === true &&
      failedImports(outputsOf(cell)).length > 0;
    const finding =
      isQuiet || isMended ? null : findingOfCell(outputsOf(cell), input);
    if (finding === null) {
      watched.line?.dispose();
      watched.line = null;
    } else if (watched.line !== null) {
      watched.line.finding = finding;
    } else {
      watched.line = new CellLine(this._ui, this._services, finding);
      insertLine(cell, watched.line);
    }
  }

  private _drop(id: string): void {
    const watched = this._watched.get(id);
    if (watched) {
      this._watched.delete(id);
      watched.line?.dispose();
      if (!watched.cell.isDisposed) {
        watched.cell.model.outputs.changed.disconnect(this._drawAll, this);
      }
    }
  }

  private _isDisposed = false;
  private readonly _watched = new Map<string, Watched>();
}

function outputsOf({ model }: CodeCell): ReadonlyArray<IOutput> {
  const { outputs } = model;
  return Array.from({ length: outputs.length }, (_, at) =>
    outputs.get(at).toJSON()
  );
}
