/** Twenty rows paint a screen. */
export const FIRST_PAGE = 20;

/** A longer answer is parsed in a task that stops the page from scrolling smoothly. */
const LARGEST_PAGE = 500;

/** One answer shall not take longer, so that scrolling waits for little and the server is free for others. */
const TARGET_MS = 300;

/** One quick answer is not proof enough for a leap. */
const MOST_GROWTH = 5;

/**
 * How many rows to ask for next. The server's time goes with rows × columns, so only measuring tells: 20 rows first, then 100,
 * and 500 where the answers come within 0.3 s, fewer where runs are wide.
 */
export class PageSize {
  get next(): number {
    return this._next;
  }

  /** Notes that `rows` rows took `ms` milliseconds. */
  record(rows: number, ms: number): void {
    if (rows === 0) {
      return;
    }
    const fits = Math.floor(TARGET_MS / Math.max(ms / rows, 0.01));
    this._next = Math.max(
      FIRST_PAGE,
      Math.min(LARGEST_PAGE, MOST_GROWTH * this._next, fits)
    );
  }

  private _next = FIRST_PAGE;
}

/** Values that an answer to a poll may hold: three hundred a run is 0.13 s for ten runs. */
const POLL_VALUES = 600;

/** How many of the newest runs a poll asks for. @param valuesPerRun - parameters, metrics and tags of a run. */
export function pollSize(valuesPerRun: number): number {
  return Math.max(
    3,
    Math.min(20, Math.floor(POLL_VALUES / Math.max(1, valuesPerRun)))
  );
}
