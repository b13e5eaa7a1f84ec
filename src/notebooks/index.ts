export { ActiveNotebook, type OpenNotebook } from './active';
export { showCellOfAddress } from './address';
export { cellOrigin, type CellOrigin, type CellPlace } from './cell';
export { CellPlaces } from './places';
export { NotebookRecords, type NotebookRecord } from './record';
export { choosesExperiment, startsRuns } from './starts-runs';
export { cellPlaces } from './wiring';
