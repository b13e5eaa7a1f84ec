/** One HTTP request to a tracking server, addressed below its root. */
export interface MlflowRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Without leading slash: `ajax-api/2.0/mlflow/runs/search`, `get-artifact`, `version`. Segments are already encoded. */
  readonly path: string;
  /** Repeated keys are allowed (`run_id=a&run_id=b`). */
  readonly query?: ReadonlyArray<readonly [string, string]>;
  /** JSON text, or the bytes of an artifact. */
  readonly body?: string | Blob;
  readonly signal?: AbortSignal;
}

/**
 * How requests reach the server: in the browser through the Jupyter server's forwarder, in tests directly.
 * Resolves with any HTTP answer; rejects only without one (network, abort).
 */
export interface ITransport {
  send(request: MlflowRequest): Promise<Response>;
  /** An address that a browser can open or download, for `get-artifact` and the like. */
  url(path: string, query?: ReadonlyArray<readonly [string, string]>): string;
}
