export * from './tokens';
export { JobsApi } from './api';
export { JobFollower, NO_JOB } from './follower';
export { readImportCheck, tryImport } from './import-check';
