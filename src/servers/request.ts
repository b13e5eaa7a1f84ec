import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import * as v from 'valibot';
import type { Problem } from './tokens';
import { ROUTE_ROOT } from './transport';

export const problemSchema = v.pipe(
  v.object({
    code: v.string(),
    message: v.string(),
    hint: v.optional(v.string(), ''),
    log: v.optional(v.nullable(v.string()), null)
  }),
  v.readonly()
);

const errorBody = v.object({
  error: v.pipe(
    v.object({
      ...problemSchema.pipe[0].entries,
      id: v.optional(v.string()),
      kind: v.optional(v.string())
    }),
    v.readonly()
  )
});

/** A request to our server extension that failed, with what to do about it. */
export class ApiError extends Error {
  /**
   * @param serverId - the server that the problem speaks of: with `server-exists` the one that exists.
   * @param consent - with `needs-consent` what must be agreed to.
   */
  constructor(
    readonly problem: Problem,
    readonly serverId: string | null = null,
    readonly consent: string | null = null
  ) {
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
  return {
    code: 'unexpected',
    message:
      reason instanceof Error && reason.message !== ''
        ? reason.message
        : 'Something unexpected happened.',
    hint: 'Try again; if it stays so, reload the page.',
    log: null
  };
}

const MALFORMED: Problem = Object.freeze({
  code: 'malformed',
  message:
    'The Jupyter server gave an answer that this extension does not understand.',
  hint: 'Check that the Python package and the JupyterLab extension are of the same version, and reload the page.',
  log: null
});

function refusal(status: number): Problem {
  if (status === 401 || status === 403) {
    return {
      code: 'signed-out-of-jupyter',
      message: 'Jupyter does not accept your login any more.',
      hint: 'Reload the page and sign in again.',
      log: null
    };
  }
  if (status === 404) {
    return {
      code: 'server-extension-missing',
      message: 'The Jupyter server has no MLflow extension.',
      hint: 'Check with "jupyter server extension list" that jupyter_mlflow is enabled, and restart Jupyter.',
      log: null
    };
  }
  return {
    code: 'jupyter-failed',
    message: `The Jupyter server failed at this request (status ${status}).`,
    hint: 'Try again; if it stays so, look into the log of the Jupyter server.',
    log: null
  };
}

/** Requests to our server extension (docs/architecture.md), each answer decoded. */
export class RouteClient {
  constructor(private readonly _settings: ServerConnection.ISettings) {}

  /**
   * One request.
   *
   * @param path - below our root, already encoded.
   * @throws ApiError for every refusal and for an answer that does not decode; `NetworkError` without an answer.
   */
  async request<T>(
    schema: v.GenericSchema<unknown, T>,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    options: { body?: unknown; signal?: AbortSignal } = {}
  ): Promise<T> {
    const { body, signal } = options;
    const response = await ServerConnection.makeRequest(
      `${URLExt.join(this._settings.baseUrl, ROUTE_ROOT)}/${path}`,
      {
        method,
        signal,
        cache: 'no-cache',
        body: body === undefined ? undefined : JSON.stringify(body)
      },
      this._settings
    );
    const json = parse(await response.text());
    if (!response.ok) {
      const told = v.safeParse(errorBody, json);
      if (!told.success) {
        throw new ApiError(refusal(response.status));
      }
      const { id, kind, ...problem } = told.output.error;
      throw new ApiError(problem, id ?? null, kind ?? null);
    }
    const decoded = v.safeParse(schema, json);
    if (!decoded.success) {
      throw new ApiError(MALFORMED);
    }
    return decoded.output;
  }
}

function parse(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return undefined;
  }
}
