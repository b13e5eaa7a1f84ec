import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import * as v from 'valibot';
import { ROUTE_ROOT } from './transport';
import type { Health, NewServer, Problem, ServerSuggestion, TrackingServer } from './tokens';

const problem = v.pipe(
  v.object({
    code: v.string(),
    message: v.string(),
    hint: v.optional(v.string(), ''),
    log: v.optional(v.nullable(v.string()), null)
  }),
  v.readonly()
);

const server = v.pipe(
  v.object({
    id: v.string(),
    name: v.string(),
    origin: v.picklist(['config', 'environment', 'user']),
    kind: v.picklist(['remote', 'local']),
    uri: v.string(),
    page: v.nullable(v.string()),
    state: v.picklist(['stopped', 'starting', 'ready', 'failed']),
    problem: v.nullable(problem),
    removable: v.boolean(),
    min_poll_interval_ms: v.number(),
    store: v.nullable(v.object({ runs: v.string(), artifacts: v.string() }))
  }),
  v.transform(
    ({ min_poll_interval_ms, ...rest }): TrackingServer => ({ ...rest, minPollInterval: min_poll_interval_ms })
  )
);

const suggestion = v.pipe(
  v.object({
    id: v.string(),
    kind: v.picklist(['start-here', 'mlruns', 'mlflow-db', 'loopback']),
    uri: v.string(),
    label: v.string(),
    version: v.nullable(v.string()),
    needs_environment: v.boolean()
  }),
  v.transform(({ needs_environment, ...rest }): ServerSuggestion => ({ ...rest, needsEnvironment: needs_environment }))
);

const serverList = v.object({
  servers: v.array(server),
  suggestions: v.array(suggestion),
  default: v.nullable(v.string())
});

const health = v.object({
  state: v.picklist(['connected', 'starting', 'failed', 'signed-out']),
  version: v.nullable(v.string()),
  latency_ms: v.nullable(v.number()),
  problem: v.nullable(problem)
});

const errorBody = v.object({ error: problem });

/** A request to our server extension that failed, with what to do about it. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
    this.name = 'ApiError';
  }
}

/** Whatever was thrown, as something to show. */
export function asProblem(reason: unknown): Problem {
  if (reason instanceof ApiError) {
    return reason.problem;
  }
  if (reason instanceof ServerConnection.NetworkError) {
    return {
      code: 'jupyter-unreachable',
      message: 'The Jupyter server does not answer.',
      hint: 'Check that it still runs; this comes back by itself.',
      log: null
    };
  }
  return { code: 'unexpected', message: reason instanceof Error ? reason.message : String(reason), hint: '', log: null };
}

/** The routes of the server extension that manage tracking servers (docs/architecture.md). */
export class ServersApi {
  constructor(private readonly _settings: ServerConnection.ISettings) {}

  async list(discover: boolean): Promise<v.InferOutput<typeof serverList>> {
    return this.request(serverList, 'GET', `servers${discover ? '?discover=1' : ''}`);
  }

  async add(body: NewServer): Promise<TrackingServer> {
    return this.request(server, 'POST', 'servers', body);
  }

  async remove(id: string): Promise<void> {
    await this.request(v.unknown(), 'DELETE', `servers/${encodeURIComponent(id)}`);
  }

  async start(id: string, migrate: boolean): Promise<TrackingServer> {
    return this.request(server, 'POST', `servers/${encodeURIComponent(id)}/start`, { migrate });
  }

  async stop(id: string): Promise<TrackingServer> {
    return this.request(server, 'POST', `servers/${encodeURIComponent(id)}/stop`, {});
  }

  async health(id: string, signal?: AbortSignal): Promise<Omit<Health, 'lastAnswer'>> {
    const answer = await this.request(health, 'GET', `servers/${encodeURIComponent(id)}/health`, undefined, signal);
    return { state: answer.state, version: answer.version, latency: answer.latency_ms, problem: answer.problem };
  }

  /**
   * One request, decoded.
   *
   * @throws ApiError for every refusal and for an answer that does not decode.
   */
  protected async request<T>(
    schema: v.GenericSchema<unknown, T>,
    method: string,
    path: string,
    body?: unknown,
    signal?: AbortSignal
  ): Promise<T> {
    const response = await ServerConnection.makeRequest(
      URLExt.join(this._settings.baseUrl, ROUTE_ROOT) + '/' + path,
      { method, signal, cache: 'no-cache', body: body === undefined ? undefined : JSON.stringify(body) },
      this._settings
    );
    const text = await response.text();
    let json: unknown = null;
    try {
      json = text ? JSON.parse(text) : null;
    } catch {
      // Told below, by the status.
    }
    if (!response.ok) {
      const told = v.safeParse(errorBody, json);
      throw new ApiError(told.success ? told.output.error : refusal(response.status));
    }
    const decoded = v.safeParse(schema, json);
    if (!decoded.success) {
      throw new ApiError({
        code: 'malformed',
        message: 'The Jupyter server gave an answer that this extension does not understand.',
        hint: 'Check that the Python package and the JupyterLab extension are of the same version, and reload the page.',
        log: null
      });
    }
    return decoded.output;
  }
}

function refusal(status: number): Problem {
  const signedOut = status === 401 || status === 403;
  return {
    code: signedOut ? 'signed-out-of-jupyter' : 'server-extension-missing',
    message: signedOut
      ? 'Jupyter does not accept your login any more.'
      : `The Jupyter server has no working MLflow extension (status ${status}).`,
    hint: signedOut
      ? 'Reload the page and sign in again.'
      : 'Check with "jupyter server extension list" that jupyter_mlflow is enabled, and restart Jupyter.',
    log: null
  };
}
