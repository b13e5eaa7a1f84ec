import type { MlflowClient } from '../mlflow';

const FILE = 'MLmodel';
const OF_RUN = /^runs:\/+([^/]+)(?:\/(.+?))?\/*$/;

/**
 * The text of a version's MLmodel. Of a source `runs:/<run>/<path>` no server reads files by the version's name
 * (MLflow 2.3.2 to 3.17): those are read from the run.
 */
export async function modelFile(
  client: MlflowClient,
  name: string,
  version: string,
  signal?: AbortSignal
): Promise<string> {
  const { versions } = client.registry;
  const { source } = await versions.get(name, version, signal);
  const [, runId, folder] = OF_RUN.exec(source) ?? [];
  return runId === undefined
    ? versions.fileText(name, version, FILE, signal)
    : client.artifacts.text(
        runId,
        folder === undefined ? FILE : `${folder}/${FILE}`,
        signal
      );
}
