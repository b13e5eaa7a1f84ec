import {
  MlflowClient,
  type ITransport,
  type MlflowRequest,
  type Run
} from '../src/mlflow';

/** A real tracking server that the suite runs against, as `scripts/contract.mjs` starts it. */
export interface ContractServer {
  /** For example "newest MLflow on SQLite". */
  readonly name: string;
  readonly url: string;
  readonly version: 'oldest' | 'newest';
  readonly store: 'sqlite' | 'postgresql' | 'mariadb';
}

const VARIABLE = 'JUPYTER_MLFLOW_CONTRACT_SERVERS';

/** The servers to test. Without any the suite fails: it must never pass by testing nothing. */
export function servers(): ContractServer[] {
  const text = process.env[VARIABLE];
  const list: ContractServer[] = text ? JSON.parse(text) : [];
  if (list.length === 0) {
    throw new Error(
      `${VARIABLE} names no server: run the suite by "node scripts/contract.mjs".`
    );
  }
  return list;
}

/**
 * On another connection where the server has closed one that was kept as the request set out, as browsers do: Node's
 * own fetch gives up, and a busy machine hears of the end only then.
 */
async function fetchAnew(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const { cause } = error as { cause?: { message?: string } };
    if (cause?.message !== 'other side closed') {
      throw error;
    }
    return fetch(url, init);
  }
}

/** Requests straight to a server, as the forwarder would send them. */
export class DirectTransport implements ITransport {
  constructor(readonly base: string) {}

  send(request: MlflowRequest): Promise<Response> {
    const headers =
      typeof request.body === 'string'
        ? { 'Content-Type': 'application/json' }
        : undefined;
    const { method, body, signal } = request;
    return fetchAnew(this.url(request.path, request.query), {
      method,
      body,
      signal,
      headers,
      redirect: 'manual'
    });
  }

  url(
    path: string,
    query: ReadonlyArray<readonly [string, string]> = []
  ): string {
    const search = new URLSearchParams(
      query.map(([key, value]) => [key, value])
    ).toString();
    return `${this.base}/${path}${search === '' ? '' : `?${search}`}`;
  }
}

/** A request that the client itself would never send: status, content type, text, and the JSON where it is. */
export interface RawAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly headers: Headers;
  readonly json: Record<string, unknown>;
}

/** Everything a spec needs of one server. */
export class Bench {
  readonly transport: DirectTransport;
  readonly client: MlflowClient;
  readonly isNewest: boolean;

  constructor(readonly server: ContractServer) {
    this.transport = new DirectTransport(server.url);
    this.client = new MlflowClient(this.transport);
    this.isNewest = server.version === 'newest';
  }

  /** A name that no other test has used. */
  name(prefix = 'test'): string {
    return `${prefix} ${process.pid} ${Math.random().toString(36).slice(2, 10)}`;
  }

  experiment(prefix?: string): Promise<string> {
    return this.client.experiments.create(this.name(prefix));
  }

  async run(
    experimentId?: string,
    options: { name?: string; startTime?: number } = {}
  ): Promise<Run> {
    return this.client.runs.create({
      experimentId: experimentId ?? (await this.experiment()),
      ...options
    });
  }

  /** A raw request below `ajax-api/2.0/mlflow/`, or at the root with a leading slash. */
  async raw(
    method: string,
    path: string,
    options: {
      body?: unknown;
      text?: string;
      query?: Record<string, string>;
      headers?: Record<string, string>;
    } = {}
  ): Promise<RawAnswer> {
    const root = path.startsWith('/')
      ? path.slice(1)
      : `ajax-api/2.0/mlflow/${path}`;
    const url = this.transport.url(root, Object.entries(options.query ?? {}));
    const text =
      options.text ??
      (options.body === undefined ? undefined : JSON.stringify(options.body));
    const headers =
      options.headers ??
      (text === undefined ? {} : { 'Content-Type': 'application/json' });
    const response = await fetchAnew(url, {
      method,
      body: text,
      headers,
      redirect: 'manual'
    });
    const answer = await response.text();
    let json: Record<string, unknown> = {};
    try {
      json = JSON.parse(answer);
    } catch {
      // Not JSON: the test looks at text and type.
    }
    const type = (response.headers.get('Content-Type') ?? '').split(';')[0];
    return {
      status: response.status,
      type,
      text: answer,
      headers: response.headers,
      json
    };
  }

  post(path: string, body: unknown): Promise<RawAnswer> {
    return this.raw('POST', path, { body });
  }
}

/** A server that has just started, or works for another suite, too, can be slow. */
const TEST_LIMIT_MS = 60_000;
jest.setTimeout(TEST_LIMIT_MS);

/** Runs a suite once for each server. */
export function describeServers(
  title: string,
  suite: (bench: Bench) => void
): void {
  describe.each(servers())(`${title} · $name`, server =>
    suite(new Bench(server))
  );
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) {
    all.push(item);
  }
  return all;
}

/** What is expected of an MlflowError. */
export function failure(kind: string, message?: RegExp): object {
  return expect.objectContaining({
    name: 'MlflowError',
    kind,
    ...(message === undefined
      ? {}
      : { message: expect.stringMatching(message) })
  });
}

/** Names that people and scripts give, and that break what is not careful. */
export const ODD_NAMES: ReadonlyArray<string> = [
  'Zürich ∑ 実験 🚀',
  `it's a "quoted" \`name\``,
  '<script>alert(1)</script>',
  'a/b:c?d=e&f#g%20+h',
  '\\back\\slash\\',
  '{"json": [1, 2]}'
];
