import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import type { Execution } from './answers';
import type { RecorderApi } from './api';
import { isDeletion, type RecorderEvent } from './events';
import { Reader } from './reader';

/** Executions that are read when a notebook is opened. */
const FIRST = 500;
/** Those that are read when some of them have changed. */
const LATER = 50;

/** The executions of one notebook that are kept, by the cell that ran; the newest first. */
export class CellExecutions implements IDisposable {
  /** @param _path - of the notebook, now. */
  constructor(
    private readonly _api: Pick<RecorderApi, 'executions'>,
    private readonly _path: () => string
  ) {}

  /** Something below is another one. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Of a cell; empty where none is kept. The same list until it changes. */
  of(cellId: string): ReadonlyArray<Execution> {
    return this._byCell.get(cellId) ?? NONE;
  }

  /** Cells that have executions. */
  get cells(): Iterable<string> {
    return this._byCell.keys();
  }

  /** Reads them anew, all of them: some may have been deleted. Never rejects. */
  async reload(): Promise<void> {
    this._all = true;
    await this._refresh();
  }

  /** Something was told on Jupyter's event bus. @param notebookId - of the notebook. */
  hear(event: RecorderEvent, notebookId: string | null): void {
    if (isDeletion(event, notebookId)) {
      void this.reload();
    } else if (
      event.kind === 'execution' &&
      event.of.notebook_id === notebookId
    ) {
      void this._refresh();
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._ending.abort();
      Signal.clearData(this);
    }
  }

  private async _read(): Promise<void> {
    if (this._isDisposed) {
      return;
    }
    const all = this._all;
    this._all = false;
    const { executions } = await this._api.executions(
      { path: this._path(), limit: all ? FIRST : LATER },
      null,
      this._ending.signal
    );
    this._take(executions, all);
  }

  private async _refresh(): Promise<void> {
    try {
      await this._reader.stale();
    } catch {
      // The badges stay as they are; the mark in the toolbar says what is wrong with recording.
      this._all = true;
    }
  }

  private _take(executions: ReadonlyArray<Execution>, all: boolean): void {
    if (this._isDisposed) {
      return;
    }
    if (all) {
      this._known.clear();
    }
    for (const execution of executions) {
      this._known.set(execution.id, execution);
    }
    const byCell = new Map<string, Execution[]>();
    for (const execution of this._known.values()) {
      if (execution.cell_id !== null) {
        const of = byCell.get(execution.cell_id);
        if (of) {
          of.push(execution);
        } else {
          byCell.set(execution.cell_id, [execution]);
        }
      }
    }
    for (const of of byCell.values()) {
      of.sort((one, other) => (other.started ?? 0) - (one.started ?? 0));
    }
    this._byCell = byCell;
    this._changed.emit();
  }

  private _isDisposed = false;
  private _all = true;
  private _byCell: ReadonlyMap<string, ReadonlyArray<Execution>> = new Map();
  private readonly _known = new Map<string, Execution>();
  private readonly _ending = new AbortController();
  private readonly _reader = new Reader(() => this._read());
  private readonly _changed = new Signal<this, void>(this);
}

const NONE: ReadonlyArray<Execution> = Object.freeze([]);
