export { diagnose, inputOf } from './diagnose';
export { diagnoseError, failedImport, missingModule } from './errors';
export { FINDING_IDS, type FindingId } from './ids';
export { type Mark, markOf } from './mark';
export { openRun } from './open-run';
export { diagnoseOutput } from './output';
