import type { QueryKey } from '@tanstack/react-query';
import type { ArtifactFile, MlflowClient } from '../mlflow';

/** Where files come from: a run, or a logged model of MLflow 3. */
export interface ArtifactSource {
  /** Begins the keys of its folders in the shared cache. */
  readonly key: QueryKey;
  /** Files and folders directly below a path; empty for the path of a file, or of nothing. */
  list(path: string, signal: AbortSignal): Promise<ReadonlyArray<ArtifactFile>>;
  /** An address that the server answers with the file as an attachment. */
  downloadUrl(path: string): string;
}

/** The files of a run. */
export function runArtifacts(
  client: MlflowClient,
  serverId: string,
  runId: string
): ArtifactSource {
  return {
    key: [serverId, 'artifacts', runId],
    list: (path, signal) => client.artifacts.list(runId, path, signal),
    downloadUrl: path => client.artifacts.downloadUrl(runId, path)
  };
}

/** The files of a logged model of MLflow 3. */
export function loggedModelArtifacts(
  client: MlflowClient,
  serverId: string,
  runId: string,
  modelId: string
): ArtifactSource {
  return {
    // Below the run that shows it, so that refreshing the run reaches it.
    key: [serverId, 'artifacts', runId, 'model', modelId],
    list: (path, signal) =>
      client.loggedModels.listArtifacts(modelId, path, signal),
    downloadUrl: path => client.loggedModels.downloadUrl(modelId, path)
  };
}
