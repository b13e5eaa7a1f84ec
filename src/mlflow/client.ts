import { ArtifactsApi } from './artifacts';
import { detectCapabilities } from './capabilities';
import { DatasetsApi } from './datasets';
import { type Capabilities } from './entities';
import { ExperimentsApi } from './experiments';
import { failureWithout } from './failure';
import { LoggedModelsApi } from './loggedModels';
import { MetricsApi } from './metrics';
import { ModelVersionsApi } from './modelVersions';
import { RegisteredModelsApi } from './registeredModels';
import { RestClient } from './rest';
import { RunsApi } from './runs';
import { type ITransport } from './transport';

/** The model registry. */
export interface RegistryApi {
  readonly models: RegisteredModelsApi;
  readonly versions: ModelVersionsApi;
}

/**
 * MLflow's REST API of one tracking server. Every method takes an AbortSignal last, and throws MlflowError, or the AbortError of
 * that signal.
 */
export class MlflowClient {
  readonly experiments: ExperimentsApi;
  readonly runs: RunsApi;
  readonly metrics: MetricsApi;
  readonly artifacts: ArtifactsApi;
  readonly datasets: DatasetsApi;
  readonly registry: RegistryApi;
  readonly loggedModels: LoggedModelsApi;

  constructor(transport: ITransport) {
    const rest = (this._rest = new RestClient(transport));
    this.experiments = new ExperimentsApi(rest);
    this.runs = new RunsApi(rest);
    this.metrics = new MetricsApi(rest, signal => this.capabilities(signal));
    this.artifacts = new ArtifactsApi(rest);
    this.datasets = new DatasetsApi(rest);
    this.registry = {
      models: new RegisteredModelsApi(rest),
      versions: new ModelVersionsApi(rest)
    };
    this.loggedModels = new LoggedModelsApi(rest);
  }

  /**
   * What the server can do: asked once, remembered, asked again after a failure. The signal ends this caller's waiting, not the
   * question, which others may share.
   */
  capabilities(signal?: AbortSignal): Promise<Capabilities> {
    if (this._capabilities === null) {
      const asked = detectCapabilities(this._rest);
      this._capabilities = asked;
      asked.catch(() => {
        if (this._capabilities === asked) {
          this._capabilities = null;
        }
      });
    }
    return signal === undefined
      ? this._capabilities
      : abortable(this._capabilities, signal);
  }

  private readonly _rest: RestClient;
  private _capabilities: Promise<Capabilities> | null = null;
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(failureWithout(signal.reason, signal));
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    promise
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}
