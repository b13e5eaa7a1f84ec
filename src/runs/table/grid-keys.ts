import type { KeyboardEvent } from 'react';
import { copyText } from '../../ui/clipboard';
import type { RunOrder } from '../shown-runs';
import { cellValue, type RunColumn } from './columns';
import { type GridPlace, movedPlace } from './keys';
import type { RunSelection } from './selection';

/** One step of a column's edge by the keyboard, in pixels. */
const WIDTH_STEP = 10;
const LEAST_WIDTH = 50;

/** What the keyboard can do on the grid of runs. */
export interface GridKeys {
  readonly runs: RunOrder;
  /** Rows that are shown of them. */
  readonly count: number;
  /** The name first. */
  readonly columns: ReadonlyArray<RunColumn>;
  /** Of the columns, in pixels. */
  readonly widths: ReadonlyArray<number>;
  readonly selection: RunSelection;
  readonly at: GridPlace;
  /** Rows in sight. */
  readonly page: number;
  readonly onMove: (to: GridPlace) => void;
  readonly onSort: (column: RunColumn) => void;
  readonly onWidth: (column: RunColumn, width: number) => void;
  readonly onOpen: (runId: string) => void;
  readonly onRename: (runId: string) => void;
  readonly onDelete: (runIds: ReadonlyArray<string>) => void;
}

/** A key on the head of a column. */
function actOnHead(
  event: KeyboardEvent,
  keys: GridKeys,
  column: RunColumn | undefined
): boolean {
  const { key } = event;
  const { at, widths, selection } = keys;
  if (column === undefined) {
    if (key === ' ') {
      selection.setAll(selection.ids.size === 0);
    }
    return key === ' ';
  }
  if (key === 'Enter' || key === ' ') {
    keys.onSort(column);
    return true;
  }
  if (event.shiftKey && (key === 'ArrowLeft' || key === 'ArrowRight')) {
    const width =
      widths[at.column - 1] + (key === 'ArrowLeft' ? -WIDTH_STEP : WIDTH_STEP);
    keys.onWidth(column, Math.max(LEAST_WIDTH, width));
    return true;
  }
  return false;
}

/** A key on a run. */
function actOnRun(
  event: KeyboardEvent,
  keys: GridKeys,
  column: RunColumn | undefined
): boolean {
  const { runs, selection, at } = keys;
  const runId = runs.idAt(at.row);
  switch (event.key) {
    case 'Enter':
      keys.onOpen(runId);
      return true;
    case ' ':
      selection.toggle(runId, event.shiftKey);
      return true;
    case 'F2':
      keys.onRename(runId);
      return true;
    case 'Delete':
      keys.onDelete(selection.ids.size > 0 ? [...selection.ids] : [runId]);
      return true;
    case 'c':
      if ((event.ctrlKey || event.metaKey) && column !== undefined) {
        void copyText(cellValue(column, runs.rows, runs.slotAt(at.row)));
        return true;
      }
  }
  return false;
}

/** Does what a key means in the grid. @returns false for a key that means nothing here. */
export function actOnGrid(event: KeyboardEvent, keys: GridKeys): boolean {
  const { runs, columns, selection, at } = keys;
  const column: RunColumn | undefined = columns[at.column - 1];
  const isDone =
    at.row === -1
      ? actOnHead(event, keys, column)
      : actOnRun(event, keys, column);
  if (isDone) {
    return true;
  }
  if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
    selection.setAll(true);
    return true;
  }
  const next = movedPlace(event, at, {
    rows: keys.count,
    columns: columns.length + 1,
    page: keys.page
  });
  if (next === null) {
    return false;
  }
  keys.onMove(next);
  if (
    event.shiftKey &&
    next.row !== -1 &&
    next.row !== at.row &&
    at.row !== -1
  ) {
    selection.toggle(runs.idAt(next.row), true);
  }
  return true;
}
