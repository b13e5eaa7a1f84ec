import { useCallback, useEffect, useRef, useState } from 'react';
import { type LifecycleStage } from '../../mlflow';
import { type RunMemory, savedField, savedTexts } from '../memory';

/** By which column the table is sorted. */
export interface TableSort {
  readonly columnId: string;
  readonly descending: boolean;
}

/** What a table remembers of an experiment between sessions. */
export interface TableState {
  /** Ids of the columns beside the name, in order; null until somebody chooses. */
  readonly columns: ReadonlyArray<string> | null;
  /** Pixels by column id, for those that were resized. */
  readonly widths: Readonly<Record<string, number>>;
  /** Null: the newest first. */
  readonly sort: TableSort | null;
  /** What stands in the filter box, as it was last applied. */
  readonly filter: string;
  readonly stage: LifecycleStage;
  /** Whether runs that the recorder made of cells are left out. */
  readonly hidesRecorded: boolean;
}

export const FRESH_TABLE: TableState = {
  columns: null,
  widths: {},
  sort: null,
  filter: '',
  stage: 'active',
  hidesRecorded: false
};

/** A saved state as far as it is one: what is damaged falls back to the default. */
export function asTableState(saved: unknown): TableState {
  const sort = savedField(saved, 'sort');
  const columnId = savedField(sort, 'columnId');
  const filter = savedField(saved, 'filter');
  const widths = savedField(saved, 'widths');
  return {
    columns: savedTexts(savedField(saved, 'columns')),
    widths:
      typeof widths === 'object' && widths !== null
        ? Object.fromEntries(
            Object.entries(widths).filter(
              (entry): entry is [string, number] =>
                typeof entry[1] === 'number' && entry[1] > 0 && entry[1] < 5000
            )
          )
        : {},
    sort:
      typeof columnId === 'string'
        ? { columnId, descending: savedField(sort, 'descending') === true }
        : null,
    filter: typeof filter === 'string' ? filter : '',
    stage: savedField(saved, 'stage') === 'deleted' ? 'deleted' : 'active',
    hidesRecorded: savedField(saved, 'hidesRecorded') === true
  };
}

/** Changes are saved so long after the last one, in milliseconds: a drag of an edge is many. */
const SAVE_MS = 500;

/**
 * The state of an experiment's table, as it was left last time.
 *
 * @returns null while it is being read.
 */
export function useTableState(
  memory: RunMemory,
  serverId: string,
  experimentId: string
): [TableState | null, (next: Partial<TableState>) => void] {
  const [state, setState] = useState<TableState | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const unsaved = useRef<TableState | null>(null);

  const save = useCallback(() => {
    clearTimeout(timer.current);
    if (unsaved.current !== null) {
      const { columns, widths, sort, filter, stage, hidesRecorded } =
        unsaved.current;
      unsaved.current = null;
      memory.save('run-table', serverId, experimentId, {
        columns: columns === null ? null : [...columns],
        widths: { ...widths },
        sort: sort === null ? null : { ...sort },
        filter,
        stage,
        hidesRecorded
      });
    }
  }, [memory, serverId, experimentId]);

  useEffect(() => {
    let isCurrent = true;
    void memory.fetch('run-table', serverId, experimentId).then(saved => {
      if (isCurrent) {
        setState(asTableState(saved));
      }
    });
    return () => {
      isCurrent = false;
      save();
    };
  }, [memory, serverId, experimentId, save]);

  const change = useCallback(
    (next: Partial<TableState>) => {
      setState(before => {
        const after = { ...(before ?? FRESH_TABLE), ...next };
        unsaved.current = after;
        return after;
      });
      clearTimeout(timer.current);
      timer.current = setTimeout(save, SAVE_MS);
    },
    [save]
  );
  return [state, change];
}
