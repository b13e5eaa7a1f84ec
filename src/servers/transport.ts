import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { ITransport, MlflowRequest } from '../mlflow';

/** Path of our routes below Jupyter's base URL. */
export const ROUTE_ROOT = 'jupyter-mlflow';

function withQuery(url: string, query: MlflowRequest['query']): string {
  return query?.length
    ? `${url}?${new URLSearchParams(query.map(pair => [...pair])).toString()}`
    : url;
}

/** Sends MLflow requests through the Jupyter server's forwarder. */
export class ForwardedTransport implements ITransport {
  constructor(
    private readonly _serverId: string,
    private readonly _settings: ServerConnection.ISettings
  ) {}

  async send(request: MlflowRequest): Promise<Response> {
    return ServerConnection.makeRequest(
      this.url(request.path, request.query),
      {
        method: request.method,
        body: request.body,
        signal: request.signal,
        // Not JupyterLab's default 'no-store': that adds a time stamp to the query, and equal requests would differ.
        cache: 'no-cache',
        headers:
          typeof request.body === 'string'
            ? { 'Content-Type': 'application/json' }
            : {}
      },
      this._settings
    );
  }

  url(path: string, query?: MlflowRequest['query']): string {
    const root = URLExt.join(
      this._settings.baseUrl,
      ROUTE_ROOT,
      'servers',
      encodeURIComponent(this._serverId),
      'mlflow'
    );
    return withQuery(`${root}/${path}`, query);
  }
}
