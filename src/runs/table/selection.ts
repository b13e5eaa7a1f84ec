import { useCallback, useMemo, useRef, useState } from 'react';
import type { RunOrder } from '../shown-runs';

/** The runs that are ticked. */
export interface RunSelection {
  readonly ids: ReadonlySet<string>;
  /** Ticks or unticks a run; with `range` all from the last one on. */
  readonly toggle: (runId: string, range: boolean) => void;
  readonly setAll: (on: boolean) => void;
  readonly remove: (runIds: ReadonlyArray<string>) => void;
}

/** The ids of a range of rows, both ends included, in whichever order they are given. */
export function idsBetween(
  columns: RunOrder,
  from: string,
  to: string
): string[] {
  const rows = [columns.rowOf(from), columns.rowOf(to)].sort((a, b) => a - b);
  return rows[0] === -1
    ? [to]
    : Array.from({ length: rows[1] - rows[0] + 1 }, (_, offset) =>
        columns.idAt(rows[0] + offset)
      );
}

/** A selection over loaded runs. */
export function useRunSelection(columns: RunOrder): RunSelection {
  const [ids, setIds] = useState<ReadonlySet<string>>(() => new Set());
  const last = useRef<string | null>(null);
  const toggle = useCallback(
    (runId: string, range: boolean) => {
      setIds(before => {
        const after = new Set(before);
        const on = !before.has(runId);
        const changed =
          range && last.current !== null
            ? idsBetween(columns, last.current, runId)
            : [runId];
        // A range is ticked as a whole, whatever its end was.
        changed.forEach(id => (on || range ? after.add(id) : after.delete(id)));
        last.current = runId;
        return after;
      });
    },
    [columns]
  );
  const setAll = useCallback(
    (on: boolean) =>
      setIds(
        new Set(
          on
            ? Array.from({ length: columns.length }, (_, row) =>
                columns.idAt(row)
              )
            : []
        )
      ),
    [columns]
  );
  const remove = useCallback((runIds: ReadonlyArray<string>) => {
    setIds(before => {
      const after = new Set(before);
      runIds.forEach(id => after.delete(id));
      return after;
    });
  }, []);
  return useMemo(
    () => ({ ids, toggle, setAll, remove }),
    [ids, toggle, setAll, remove]
  );
}
