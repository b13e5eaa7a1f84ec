import { type Cell, CodeCell } from '@jupyterlab/cells';
import type { CellList, Notebook } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import { PanelLayout } from '@lumino/widgets';
import type { Execution } from './answers';
import { CellBadge } from './badge';
import type { CellExecutions } from './cell-executions';
import type { RecorderWishes } from './wishes';
import { outcomeText, sendingOf, sendingText } from './words';

/** A click on the badge of a cell. */
export interface BadgeClick {
  readonly cell: Cell;
  readonly badge: CellBadge;
}

export interface CellBadgesGiven {
  readonly executions: CellExecutions;
  readonly wishes: RecorderWishes;
  readonly trans: TranslationBundle;
}

/** The badges of a notebook: one at each code cell whose executions are kept. */
export class CellBadges implements IDisposable {
  constructor(
    private readonly _notebook: Notebook,
    private readonly _given: CellBadgesGiven
  ) {
    _given.executions.changed.connect(this._draw, this);
    _given.wishes.changed.connect(this._draw, this);
    _notebook.modelChanged.connect(this._follow, this);
    this._follow();
  }

  get asked(): ISignal<this, BadgeClick> {
    return this._asked;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._given.executions.changed.disconnect(this._draw, this);
      this._given.wishes.changed.disconnect(this._draw, this);
      if (!this._notebook.isDisposed) {
        this._notebook.modelChanged.disconnect(this._follow, this);
      }
      this._leave();
      for (const badge of this._badges.values()) {
        badge.dispose();
      }
      this._badges.clear();
      Signal.clearData(this);
    }
  }

  /** A cell that is added, moved or taken away; what is typed changes nothing here. */
  private _follow(): void {
    this._leave();
    this._cells = this._notebook.model?.cells ?? null;
    this._cells?.changed.connect(this._draw, this);
    this._draw();
  }

  private _leave(): void {
    if (this._cells && !this._cells.isDisposed) {
      this._cells.changed.disconnect(this._draw, this);
    }
    this._cells = null;
  }

  private _draw(): void {
    const { executions, wishes, trans } = this._given;
    const seen = new Set<Cell>();
    for (const cell of this._notebook.widgets) {
      const latest = executions.of(cell.model.id).at(0);
      if (cell instanceof CodeCell && latest && wishes.current.badges) {
        seen.add(cell);
        this._badgeOf(cell)?.draw({
          executionId: latest.id,
          state: sendingOf(latest),
          outcome: latest.status,
          text: textOf(latest, trans)
        });
      }
    }
    for (const [cell, badge] of this._badges) {
      if (!seen.has(cell) || cell.isDisposed) {
        badge.dispose();
        this._badges.delete(cell);
      }
    }
  }

  private _badgeOf(cell: CodeCell): CellBadge | null {
    const known = this._badges.get(cell);
    if (known && !known.isDisposed) {
      return known;
    }
    if (cell.isDisposed || !(cell.layout instanceof PanelLayout)) {
      return null;
    }
    const badge = new CellBadge();
    badge.asked.connect(() => {
      this._asked.emit({ cell, badge });
    });
    cell.layout.addWidget(badge);
    this._badges.set(cell, badge);
    return badge;
  }

  private _isDisposed = false;
  private _cells: CellList | null = null;
  private readonly _badges = new Map<Cell, CellBadge>();
  private readonly _asked = new Signal<this, BadgeClick>(this);
}

function textOf(execution: Execution, trans: TranslationBundle): string {
  return trans.__(
    '%1; %2. Show its executions',
    outcomeText(execution.status, trans),
    sendingText(execution, trans)
  );
}
