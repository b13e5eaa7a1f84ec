/** How a list of runs is looked at; replaced as a whole, never changed. */
export interface TreeState {
  /** The metrics that were picked; null until somebody picks: then the first known one is shown. */
  readonly metrics: ReadonlyArray<string> | null;
  /** Runs whose branch is open. */
  readonly open: ReadonlySet<string>;
  /** Whether runs that the recorder made of cells are left out. */
  readonly hidesRecorded: boolean;
  /** The run under the cursor. */
  readonly cursor: string | null;
}
