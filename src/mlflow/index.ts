export * from './entities';
export { MlflowError, type MlflowErrorKind } from './errors';
export type { ITransport, MlflowRequest } from './transport';
export { MlflowClient, type RegistryApi } from './client';
export type { ExperimentsApi, ExperimentSearch } from './experiments';
export type {
  Batch,
  NewMetric,
  NewRun,
  RunChange,
  RunsApi,
  RunSearch
} from './runs';
export type { IRunSink } from './runDecoder';
export type { HistoryPage, MetricsApi, Sampling } from './metrics';
export type { ArtifactsApi } from './artifacts';
export type { DatasetsApi } from './datasets';
export type { RegisteredModelsApi, RegistrySearch } from './registeredModels';
export type { ModelVersionsApi, NewVersion, Stage } from './modelVersions';
export type { LoggedModelsApi, LoggedModelSearch } from './loggedModels';
export { itemsOf, pagesOf, type FetchPage } from './paging';
