import { ServerConnection } from '@jupyterlab/services';

/** What a route answers: JSON with a status, or a failure of the network. */
export type Reply =
  | {
      readonly status?: number;
      readonly json?: unknown;
      readonly text?: string;
    }
  | Error;

/** One request as it arrived, its URL below our root. */
export interface Arrival {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly signal: AbortSignal | null;
}

/**
 * The routes of the server extension, by a table: `'GET servers': reply`, or a function of the arrival. A route that
 * is not in the table fails the test by its answer.
 */
export class FakeJupyter {
  constructor(
    public routes: Record<
      string,
      Reply | ((arrival: Arrival) => Reply | Promise<Reply>)
    >
  ) {}

  readonly arrivals: Arrival[] = [];

  readonly settings = ServerConnection.makeSettings({
    baseUrl: 'http://jupyter/base/',
    token: '',
    fetch: async (
      input: RequestInfo | URL,
      init?: RequestInit
    ): Promise<Response> => {
      const request =
        input instanceof Request ? input : new Request(input, init);
      const url = new URL(request.url);
      const text = await request.text();
      const arrival: Arrival = {
        method: request.method,
        path: url.pathname.replace('/base/jupyter-mlflow/', '') + url.search,
        body: text === '' ? undefined : JSON.parse(text),
        signal: request.signal
      };
      request.signal?.throwIfAborted();
      this.arrivals.push(arrival);
      const route = this.routes[`${arrival.method} ${arrival.path}`];
      const reply = typeof route === 'function' ? await route(arrival) : route;
      request.signal?.throwIfAborted();
      if (reply instanceof Error) {
        throw reply;
      }
      return reply === undefined
        ? new Response(
            JSON.stringify({
              message: `no route ${arrival.method} ${arrival.path}`
            }),
            { status: 404 }
          )
        : new Response(
            reply.status === 204
              ? null
              : (reply.text ?? JSON.stringify(reply.json)),
            {
              status: reply.status ?? 200
            }
          );
    }
  });

  /** How often a route was asked. */
  count(route: string): number {
    return this.arrivals.filter(
      ({ method, path }) => `${method} ${path}` === route
    ).length;
  }
}

/** A server of the list as the Jupyter server writes it. */
export function serverJson(
  id: string,
  more: Record<string, unknown> = {}
): Record<string, unknown> {
  return {
    id,
    name: id,
    origin: 'user',
    kind: 'remote',
    uri: `http://${id}:5000`,
    page: null,
    state: 'ready',
    problem: null,
    removable: true,
    min_poll_interval_ms: 10_000,
    store: null,
    ...more
  };
}

export function listJson(
  servers: unknown[],
  more: Record<string, unknown> = {}
): Reply {
  return { json: { servers, suggestions: [], default: null, ...more } };
}

export const STATUS: Reply = {
  json: {
    version: '0.1.0',
    features: { local_servers: true, jobs: true, add_servers: true },
    shared_machine: false,
    polling: { loopback_ms: 1000, remote_ms: 10_000 },
    hub: null,
    root_dir: '/home/ann'
  }
};

export const CONNECTED: Reply = {
  json: { state: 'connected', version: '3.17.2', latency_ms: 12, problem: null }
};

export function failedHealth(
  code: string,
  message = 'It is away.',
  state = 'failed'
): Reply {
  return {
    json: {
      state,
      version: null,
      latency_ms: null,
      problem: { code, message, hint: 'Do this.', log: null }
    }
  };
}
