export type { RunActions } from './actions';
export { FollowedRuns, type TreeServices } from './followed-runs';
export { MOST_METRICS } from './list-model';
export {
  CountLine,
  ListFooter,
  RunsError,
  SectionStaleNotice
} from './list-states';
export { RunListing } from './listing';
export type { Thoroughness } from './live';
export type { RunSource } from './loader';
export { type RunMemory, savedField, savedTexts } from './memory';
export { MetricPicker } from './metric-picker';
export { useRunListing, type UsedListing } from './queries';
export type { RunTarget } from './target';
export type { RunQuery } from './tokens';
export type { TreeState } from './tree-state';
export { useColumnsVersion, useRunCount } from './use-listing';
// What draws the outputs of `%mlflow` too.
export { onDragRun } from './drag';
export { asCsv } from './table/csv';
export { TableBar } from './table/bar';
export {
  attributeColumns,
  columnId,
  columnOf,
  type RunColumn
} from './table/columns';
export { RunGrid } from './table/grid';
export type { RunSelection } from './table/selection';
export { idsBetween } from './table/selection';
export { FRESH_TABLE, type TableState } from './table/state';
export { useShownColumns } from './table/use-shown';
export { knownKeys } from './filter/known';
export { runPageKeys } from './page/keys';
export { loadCode, uriForKernel } from './page/load-code';
export { isRunning } from './page/queries';
export { shareRun } from './page/share';
export { useCapabilities, useExperimentName } from './queries';
export { searchOf } from './search';
export { RunSettings } from './settings';
export { RunColumns } from './store';
export { nextSort } from './table/sorting';
