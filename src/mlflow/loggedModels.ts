import * as v from 'valibot';
import { type ArtifactFile, type LoggedModel, type Page } from './entities';
import { itemsOf } from './paging';
import { type RestClient } from './rest';
import { artifactFile, decoder, loggedModel, pageDecoder } from './schemas';

export interface LoggedModelSearch {
  readonly experimentIds: ReadonlyArray<string>;
  /** For example `source_run_id = '…'`. */
  readonly filter?: string;
  readonly orderBy?: ReadonlyArray<{
    readonly field: string;
    readonly ascending?: boolean;
  }>;
  /** 1–50, default 50. Every answer has all metrics of its models. */
  readonly maxResults?: number;
  readonly pageToken?: string;
}

const SINCE = '3.0';
const decodePage = pageDecoder('models', loggedModel);
const decodeFiles = pageDecoder('files', artifactFile);
const decodeOne = decoder(
  v.pipe(
    v.object({ model: loggedModel }),
    v.transform(answer => answer.model)
  )
);

/** `logged-models/*` of MLflow 3. Every method throws MlflowError: `too-old` without the capability `loggedModels`. */
export class LoggedModelsApi {
  constructor(private readonly _rest: RestClient) {}

  search(
    search: LoggedModelSearch,
    signal?: AbortSignal
  ): Promise<Page<LoggedModel>> {
    const {
      experimentIds,
      filter,
      orderBy,
      maxResults = 50,
      pageToken
    } = search;
    return this._rest.send(
      'POST',
      'logged-models/search',
      {
        experiment_ids: experimentIds,
        filter: filter || undefined,
        order_by: orderBy?.map(({ field, ascending = true }) => ({
          field_name: field,
          ascending
        })),
        max_results: maxResults,
        page_token: pageToken
      },
      decodePage,
      { signal, since: SINCE, filtered: !!filter }
    );
  }

  searchAll(
    search: Omit<LoggedModelSearch, 'pageToken'>,
    signal?: AbortSignal
  ): AsyncGenerator<LoggedModel> {
    return itemsOf(
      pageToken => this.search({ ...search, pageToken }, signal),
      model => model.id
    );
  }

  get(modelId: string, signal?: AbortSignal): Promise<LoggedModel> {
    return this._rest.get(
      `logged-models/${encodeURIComponent(modelId)}`,
      {},
      decodeOne,
      { signal, since: SINCE }
    );
  }

  /** Files and folders directly below `path`. */
  async listArtifacts(
    modelId: string,
    path = '',
    signal?: AbortSignal
  ): Promise<ReadonlyArray<ArtifactFile>> {
    const files: ArtifactFile[] = [];
    const all = itemsOf(
      pageToken =>
        this._rest.get(
          `logged-models/${encodeURIComponent(modelId)}/artifacts/directories`,
          { artifact_directory_path: path || undefined, page_token: pageToken },
          decodeFiles,
          { signal, since: SINCE }
        ),
      file => file.path
    );
    for await (const file of all) {
      files.push(file);
    }
    return files;
  }

  /** The text of a file, such as `MLmodel`. */
  async text(
    modelId: string,
    path: string,
    signal?: AbortSignal
  ): Promise<string> {
    const response = await this._rest.raw(
      {
        method: 'GET',
        path: filesPath(modelId),
        query: [['artifact_file_path', path]],
        signal
      },
      { where: 'logged-models/artifacts', since: SINCE }
    );
    return this._rest.text(response, signal);
  }

  /** An address that downloads a file when a browser opens it. */
  downloadUrl(modelId: string, path: string): string {
    return this._rest.transport.url(filesPath(modelId), [
      ['artifact_file_path', path]
    ]);
  }
}

function filesPath(modelId: string): string {
  return `ajax-api/2.0/mlflow/logged-models/${encodeURIComponent(modelId)}/artifacts/files`;
}
