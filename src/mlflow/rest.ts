import { MlflowError } from './errors';
import { failureOf, failureWithout, type FailureContext } from './failure';
import { parseJson } from './json';
import { type ITransport, type MlflowRequest } from './transport';

/** Values of a JSON body or of a query. Absent ones are left out; lists repeat their key in a query. */
export type Payload = Readonly<Record<string, unknown>>;

/** Turns a parsed answer into an entity; throws MlflowError `malformed`. */
export type Decode<T> = (json: unknown, where: string) => T;

export interface CallOptions extends Omit<FailureContext, 'where'> {
  readonly signal?: AbortSignal;
}

/** `ajax-api` honours a path prefix in every supported version; `api` does not. */
const REST_ROOT = 'ajax-api/2.0/mlflow/';

function queryOf(payload: Payload): Array<[string, string]> {
  return Object.entries(payload).flatMap(([key, value]) =>
    value === undefined || value === null
      ? []
      : (Array.isArray(value) ? value : [value]).map(
          (one): [string, string] => [key, String(one)]
        )
  );
}

/** JSON text of a body. Bigints are written as the integers they are. */
export function stringify(payload: Payload): string {
  const exact: string[] = [];
  const text = JSON.stringify(payload, (_key, value: unknown) => {
    if (typeof value === 'bigint') {
      exact.push(value.toString());
      return `\u0000${exact.length - 1}\u0000`;
    }
    return typeof value === 'number' && !Number.isFinite(value)
      ? String(value)
      : value;
  });
  return exact.length === 0
    ? text
    : text.replace(
        /"\\u0000(\d+)\\u0000"/g,
        (_, index: string) => exact[Number(index)]
      );
}

/** Sends requests to one server and turns every failure into an MlflowError or the AbortError of the signal. */
export class RestClient {
  constructor(readonly transport: ITransport) {}

  /** A GET of a REST endpoint such as `runs/get`. */
  get<T>(
    endpoint: string,
    query: Payload,
    decode: Decode<T>,
    options: CallOptions = {}
  ): Promise<T> {
    return this._json(
      { method: 'GET', path: REST_ROOT + endpoint, query: queryOf(query) },
      endpoint,
      decode,
      options
    );
  }

  /** A request with a JSON body. MLflow has DELETE with bodies, too. */
  send<T>(
    method: 'POST' | 'PATCH' | 'DELETE',
    endpoint: string,
    body: Payload,
    decode: Decode<T>,
    options: CallOptions = {}
  ): Promise<T> {
    return this._json(
      { method, path: REST_ROOT + endpoint, body: stringify(body) },
      endpoint,
      decode,
      options
    );
  }

  /**
   * Any request: the answer when its status is below 400.
   *
   * @throws MlflowError otherwise; `AbortError` when the signal was aborted.
   */
  async raw(
    request: MlflowRequest,
    context: FailureContext
  ): Promise<Response> {
    if (request.signal?.aborted) {
      throw failureWithout(request.signal.reason, request.signal);
    }
    let response: Response;
    try {
      response = await this.transport.send(request);
    } catch (cause) {
      throw failureWithout(cause, request.signal);
    }
    if (response.status >= 400) {
      throw await failureOf(response, context);
    }
    if (response.status >= 300) {
      throw new MlflowError(
        'unreachable',
        `The tracking server redirects ${context.where} to another address.`,
        {
          status: response.status,
          hint: 'Use the address that the server itself answers on.'
        }
      );
    }
    return response;
  }

  /** The body of an answer as text; its breaking off is an error as no answer is. */
  async text(
    response: Response,
    signal: AbortSignal | undefined
  ): Promise<string> {
    try {
      return await response.text();
    } catch (cause) {
      throw failureWithout(cause, signal);
    }
  }

  /** The body of an answer as bytes. */
  async blob(
    response: Response,
    signal: AbortSignal | undefined
  ): Promise<Blob> {
    try {
      return await response.blob();
    } catch (cause) {
      throw failureWithout(cause, signal);
    }
  }

  private async _json<T>(
    request: MlflowRequest,
    where: string,
    decode: Decode<T>,
    { signal, ...context }: CallOptions
  ): Promise<T> {
    const response = await this.raw(
      { ...request, signal },
      { where, ...context }
    );
    return decode(parseJson(await this.text(response, signal), where), where);
  }
}

/** For answers that say nothing but that it worked. Some are `{}`, some are empty objects with fields we do not need. */
export function decodeNothing(json: unknown, where: string): void {
  if (typeof json !== 'object' || json === null) {
    throw new MlflowError(
      'malformed',
      `The answer to ${where} is not an object, so not MLflow's.`
    );
  }
}
