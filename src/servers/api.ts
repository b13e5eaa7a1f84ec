import * as v from 'valibot';
import { problemSchema, RouteClient } from './request';
import type {
  Health,
  NewServer,
  ServerChange,
  ServerFeatures,
  ServerSuggestion,
  TrackingServer
} from './tokens';

export { ApiError, asProblem } from './request';

const server = v.pipe(
  v.object({
    id: v.string(),
    name: v.string(),
    origin: v.picklist(['config', 'environment', 'user']),
    kind: v.picklist(['remote', 'local']),
    uri: v.string(),
    page: v.nullable(v.string()),
    state: v.picklist(['stopped', 'starting', 'ready', 'failed']),
    problem: v.nullable(problemSchema),
    removable: v.boolean(),
    min_poll_interval_ms: v.pipe(v.number(), v.minValue(0)),
    store: v.nullable(v.object({ runs: v.string(), artifacts: v.string() }))
  }),
  v.transform(({ min_poll_interval_ms, ...rest }): TrackingServer => ({
    ...rest,
    minPollInterval: min_poll_interval_ms
  }))
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
  v.transform(({ needs_environment, ...rest }): ServerSuggestion => ({
    ...rest,
    needsEnvironment: needs_environment
  }))
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
  problem: v.nullable(problemSchema)
});

const status = v.object({
  version: v.string(),
  features: v.object({
    local_servers: v.boolean(),
    jobs: v.boolean(),
    add_servers: v.boolean()
  }),
  shared_machine: v.boolean(),
  root_dir: v.string()
});

/** What GET `servers` tells. */
export type ServerList = v.InferOutput<typeof serverList>;

/** What this Jupyter server allows, and where its files begin. */
export interface ExtensionStatus {
  readonly features: ServerFeatures;
  /** Absolute path of the folder that Jupyter shows as its root. */
  readonly rootDir: string;
}

/** The routes of the server extension that manage tracking servers (docs/architecture.md). */
export class ServersApi extends RouteClient {
  async status(signal?: AbortSignal): Promise<ExtensionStatus> {
    const { features, root_dir } = await this.request(status, 'GET', 'status', {
      signal
    });
    return {
      features: {
        localServers: features.local_servers,
        jobs: features.jobs,
        addServers: features.add_servers
      },
      rootDir: root_dir
    };
  }

  /** @param discover - also look for stores in the workspace and for a server on this machine. */
  async list(discover: boolean, signal?: AbortSignal): Promise<ServerList> {
    return this.request(
      serverList,
      'GET',
      `servers${discover ? '?discover=1' : ''}`,
      { signal }
    );
  }

  async add(body: NewServer): Promise<TrackingServer> {
    return this.request(server, 'POST', 'servers', { body });
  }

  async update(id: string, change: ServerChange): Promise<TrackingServer> {
    return this.request(server, 'PATCH', `servers/${encodeURIComponent(id)}`, {
      body: change
    });
  }

  async remove(id: string): Promise<void> {
    await this.request(
      v.unknown(),
      'DELETE',
      `servers/${encodeURIComponent(id)}`
    );
  }

  async start(id: string, migrate: boolean): Promise<TrackingServer> {
    return this.request(
      server,
      'POST',
      `servers/${encodeURIComponent(id)}/start`,
      { body: { migrate } }
    );
  }

  async stop(id: string): Promise<TrackingServer> {
    return this.request(
      server,
      'POST',
      `servers/${encodeURIComponent(id)}/stop`,
      { body: {} }
    );
  }

  async health(
    id: string,
    signal?: AbortSignal
  ): Promise<Omit<Health, 'lastAnswer'>> {
    const answer = await this.request(
      health,
      'GET',
      `servers/${encodeURIComponent(id)}/health`,
      { signal }
    );
    return {
      state: answer.state,
      version: answer.version,
      latency: answer.latency_ms,
      problem: answer.problem
    };
  }
}
