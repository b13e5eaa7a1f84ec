import { type ArtifactFile } from './entities';
import { MlflowError } from './errors';
import { itemsOf } from './paging';
import { type RestClient } from './rest';
import { artifactFile, pageDecoder } from './schemas';

const decodeFiles = pageDecoder('files', artifactFile);

/** MLflow's own limit of `upload-artifact`, in bytes. */
const UPLOAD_LIMIT = 10 * 1024 * 1024;

/** Each segment of a path encoded, the slashes kept. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** The path below the proxied artifact root, for `mlflow-artifacts:/1/abc/artifacts`; null for other stores. */
export function proxiedPath(artifactUri: string): string | null {
  return (
    /^mlflow-artifacts:(?:\/\/[^/]*)?\/+(.*?)\/*$/.exec(artifactUri)?.[1] ??
    null
  );
}

function checkPath(path: string): void {
  if (
    path.startsWith('/') ||
    path.split('/').some(part => part === '..' || part === '')
  ) {
    throw new MlflowError(
      'invalid',
      `"${path}" is not a path within the run's artifacts.`,
      {
        hint: 'Use a relative path without "..", such as plots/loss.png.'
      }
    );
  }
}

/** The artifacts of runs. Every method throws MlflowError. */
export class ArtifactsApi {
  constructor(private readonly _rest: RestClient) {}

  /** Files and folders directly below `path`. Empty also for the path of a file, or of nothing: the server says no more. */
  async list(
    runId: string,
    path = '',
    signal?: AbortSignal
  ): Promise<ReadonlyArray<ArtifactFile>> {
    const files: ArtifactFile[] = [];
    const all = itemsOf(
      pageToken =>
        this._rest.get(
          'artifacts/list',
          {
            run_id: runId,
            path: path === '' ? undefined : path,
            page_token: pageToken
          },
          decodeFiles,
          { signal }
        ),
      file => file.path
    );
    for await (const file of all) {
      files.push(file);
    }
    return files;
  }

  /** The text of a file, read as UTF-8. */
  async text(
    runId: string,
    path: string,
    signal?: AbortSignal
  ): Promise<string> {
    return this._rest.text(await this._get(runId, path, signal), signal);
  }

  /** The bytes of a file. */
  async blob(runId: string, path: string, signal?: AbortSignal): Promise<Blob> {
    return this._rest.blob(await this._get(runId, path, signal), signal);
  }

  /** An address that downloads a file when a browser opens it. */
  downloadUrl(runId: string, path: string): string {
    return this._rest.transport.url('get-artifact', this._query(runId, path));
  }

  /**
   * Writes a file into the run's artifacts; one that is there is replaced.
   *
   * @param run The run's id and artifact root, as `runs.get` gives them.
   * @throws `too-large` beyond 10 MB, and `too-old` on old servers, for runs whose artifacts the server does not proxy.
   */
  async upload(
    run: { readonly id: string; readonly artifactUri: string },
    path: string,
    content: Blob,
    signal?: AbortSignal
  ): Promise<void> {
    checkPath(path);
    const root = proxiedPath(run.artifactUri);
    if (root !== null) {
      const where = 'mlflow-artifacts';
      const target = `ajax-api/2.0/mlflow-artifacts/artifacts/${encodePath(`${root}/${path}`)}`;
      await this._rest.raw(
        { method: 'PUT', path: target, body: content, signal },
        { where }
      );
      return;
    }
    if (content.size > UPLOAD_LIMIT) {
      throw new MlflowError(
        'too-large',
        'The tracking server takes files of at most 10 MB into this run.',
        {
          hint: 'Log larger files from Python, which writes them to the artifact store itself.'
        }
      );
    }
    await this._rest.raw(
      {
        method: 'POST',
        path: 'ajax-api/2.0/mlflow/upload-artifact',
        query: [
          ['run_uuid', run.id],
          ['path', path]
        ],
        body: content,
        signal
      },
      { where: 'upload-artifact', since: '2.9' }
    );
  }

  private _get(
    runId: string,
    path: string,
    signal?: AbortSignal
  ): Promise<Response> {
    return this._rest.raw(
      {
        method: 'GET',
        path: 'get-artifact',
        query: this._query(runId, path),
        signal
      },
      { where: 'get-artifact' }
    );
  }

  private _query(runId: string, path: string): Array<[string, string]> {
    return [
      ['run_id', runId],
      ['path', path]
    ];
  }
}
