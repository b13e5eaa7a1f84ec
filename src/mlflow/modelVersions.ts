import * as v from 'valibot';
import { type ModelVersion, type Page } from './entities';
import { itemsOf } from './paging';
import { type RegistrySearch } from './registeredModels';
import { decodeNothing, type RestClient } from './rest';
import { decoder, modelVersion, pageDecoder } from './schemas';

export interface NewVersion {
  readonly name: string;
  /** Where the files are: `runs:/<run>/model`, `models:/m-…`, or an artifact address of the run. */
  readonly source: string;
  readonly runId?: string;
  /** The logged model of MLflow 3 that `source` names. */
  readonly modelId?: string;
  readonly description?: string;
  readonly tags?: ReadonlyMap<string, string>;
}

export type Stage = 'None' | 'Staging' | 'Production' | 'Archived';

const decodePage = pageDecoder('model_versions', modelVersion);
const decodeOne = decoder(
  v.pipe(
    v.object({ model_version: modelVersion }),
    v.transform(answer => answer.model_version)
  )
);
const decodeUri = decoder(
  v.pipe(
    v.object({ artifact_uri: v.string() }),
    v.transform(answer => answer.artifact_uri)
  )
);

/** `model-versions/*`. Every method throws MlflowError. */
export class ModelVersionsApi {
  constructor(private readonly _rest: RestClient) {}

  search(
    search: RegistrySearch = {},
    signal?: AbortSignal
  ): Promise<Page<ModelVersion>> {
    const { filter, orderBy, maxResults = 100, pageToken } = search;
    return this._rest.get(
      'model-versions/search',
      {
        filter: filter || undefined,
        order_by: orderBy,
        max_results: maxResults,
        page_token: pageToken
      },
      decodePage,
      { signal, filtered: !!filter }
    );
  }

  searchAll(
    search: Omit<RegistrySearch, 'pageToken'> = {},
    signal?: AbortSignal
  ): AsyncGenerator<ModelVersion> {
    return itemsOf(
      pageToken => this.search({ ...search, pageToken }, signal),
      one => `${one.version}/${one.name}`
    );
  }

  get(
    name: string,
    version: string,
    signal?: AbortSignal
  ): Promise<ModelVersion> {
    return this._rest.get('model-versions/get', { name, version }, decodeOne, {
      signal
    });
  }

  /** The text of a file of the version, such as its MLmodel, read as UTF-8. */
  async fileText(
    name: string,
    version: string,
    path: string,
    signal?: AbortSignal
  ): Promise<string> {
    const where = 'model-versions/get-artifact';
    const response = await this._rest.raw(
      {
        method: 'GET',
        path: where,
        query: [
          ['name', name],
          ['version', version],
          ['path', path]
        ],
        signal
      },
      { where }
    );
    return this._rest.text(response, signal);
  }

  create(version: NewVersion, signal?: AbortSignal): Promise<ModelVersion> {
    const tags = [...(version.tags ?? [])].map(([key, value]) => ({
      key,
      value
    }));
    return this._rest.send(
      'POST',
      'model-versions/create',
      {
        name: version.name,
        source: version.source,
        run_id: version.runId,
        model_id: version.modelId,
        description: version.description,
        tags
      },
      decodeOne,
      { signal }
    );
  }

  updateDescription(
    name: string,
    version: string,
    description: string,
    signal?: AbortSignal
  ): Promise<ModelVersion> {
    return this._rest.send(
      'PATCH',
      'model-versions/update',
      { name, version, description },
      decodeOne,
      { signal }
    );
  }

  delete(name: string, version: string, signal?: AbortSignal): Promise<void> {
    return this._rest.send(
      'DELETE',
      'model-versions/delete',
      { name, version },
      decodeNothing,
      { signal }
    );
  }

  setTag(
    name: string,
    version: string,
    key: string,
    value: string,
    signal?: AbortSignal
  ): Promise<void> {
    return this._rest.send(
      'POST',
      'model-versions/set-tag',
      { name, version, key, value },
      decodeNothing,
      { signal }
    );
  }

  deleteTag(
    name: string,
    version: string,
    key: string,
    signal?: AbortSignal
  ): Promise<void> {
    return this._rest.send(
      'DELETE',
      'model-versions/delete-tag',
      { name, version, key },
      decodeNothing,
      { signal }
    );
  }

  /** Stages are deprecated since MLflow 2.9, and still work everywhere. */
  transitionStage(
    name: string,
    version: string,
    stage: Stage,
    options: { readonly archiveExisting?: boolean } = {},
    signal?: AbortSignal
  ): Promise<ModelVersion> {
    return this._rest.send(
      'POST',
      'model-versions/transition-stage',
      {
        name,
        version,
        stage,
        archive_existing_versions: options.archiveExisting ?? false
      },
      decodeOne,
      { signal }
    );
  }

  /** The artifact address of the version's files, as the Python client would use it. */
  artifactUri(
    name: string,
    version: string,
    signal?: AbortSignal
  ): Promise<string> {
    return this._rest.get(
      'model-versions/get-download-uri',
      { name, version },
      decodeUri,
      { signal }
    );
  }

  /** The text of a file of the version, such as `MLmodel`. */
  async text(
    name: string,
    version: string,
    path: string,
    signal?: AbortSignal
  ): Promise<string> {
    const request = {
      method: 'GET',
      path: 'model-versions/get-artifact',
      signal
    } as const;
    const response = await this._rest.raw(
      { ...request, query: this._query(name, version, path) },
      { where: 'model-versions/get-artifact' }
    );
    return this._rest.text(response, signal);
  }

  /** An address that downloads a file of the version when a browser opens it. */
  downloadUrl(name: string, version: string, path: string): string {
    return this._rest.transport.url(
      'model-versions/get-artifact',
      this._query(name, version, path)
    );
  }

  private _query(
    name: string,
    version: string,
    path: string
  ): Array<[string, string]> {
    return [
      ['name', name],
      ['version', version],
      ['path', path]
    ];
  }
}
