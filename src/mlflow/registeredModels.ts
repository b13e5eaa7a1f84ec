import * as v from 'valibot';
import { type ModelVersion, type Page, type RegisteredModel } from './entities';
import { itemsOf } from './paging';
import { decodeNothing, type RestClient } from './rest';
import { decoder, modelVersion, pageDecoder, registeredModel } from './schemas';

export interface RegistrySearch {
  /** MLflow's filter: `name LIKE '%x%'`, `tags.k = 'v'`; for versions also `run_id`. */
  readonly filter?: string;
  readonly orderBy?: ReadonlyArray<string>;
  /** Default 100; at most 1,000 models or 200,000 versions. */
  readonly maxResults?: number;
  readonly pageToken?: string;
}

const decodePage = pageDecoder('registered_models', registeredModel);
const decodeOne = decoder(
  v.pipe(
    v.object({ registered_model: registeredModel }),
    v.transform(answer => answer.registered_model)
  )
);
const decodeVersion = decoder(
  v.pipe(
    v.object({ model_version: modelVersion }),
    v.transform(answer => answer.model_version)
  )
);

function taken(name: string): string {
  return `A registered model named "${name}" exists already.`;
}

/** `registered-models/*`. Every method throws MlflowError. */
export class RegisteredModelsApi {
  constructor(private readonly _rest: RestClient) {}

  search(
    search: RegistrySearch = {},
    signal?: AbortSignal
  ): Promise<Page<RegisteredModel>> {
    const { filter, orderBy, maxResults = 100, pageToken } = search;
    return this._rest.get(
      'registered-models/search',
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
  ): AsyncGenerator<RegisteredModel> {
    return itemsOf(
      pageToken => this.search({ ...search, pageToken }, signal),
      model => model.name
    );
  }

  get(name: string, signal?: AbortSignal): Promise<RegisteredModel> {
    return this._rest.get('registered-models/get', { name }, decodeOne, {
      signal
    });
  }

  /** @throws `invalid` for names with `/` or `:` on new servers. */
  create(
    name: string,
    options: {
      readonly description?: string;
      readonly tags?: ReadonlyMap<string, string>;
    } = {},
    signal?: AbortSignal
  ): Promise<RegisteredModel> {
    const tags = [...(options.tags ?? [])].map(([key, value]) => ({
      key,
      value
    }));
    return this._rest.send(
      'POST',
      'registered-models/create',
      { name, description: options.description, tags },
      decodeOne,
      { signal, taken: taken(name) }
    );
  }

  rename(
    name: string,
    newName: string,
    signal?: AbortSignal
  ): Promise<RegisteredModel> {
    return this._rest.send(
      'POST',
      'registered-models/rename',
      { name, new_name: newName },
      decodeOne,
      {
        signal,
        taken: taken(newName)
      }
    );
  }

  updateDescription(
    name: string,
    description: string,
    signal?: AbortSignal
  ): Promise<RegisteredModel> {
    return this._rest.send(
      'PATCH',
      'registered-models/update',
      { name, description },
      decodeOne,
      { signal }
    );
  }

  /** Deletes the model with all its versions, for good. */
  delete(name: string, signal?: AbortSignal): Promise<void> {
    return this._rest.send(
      'DELETE',
      'registered-models/delete',
      { name },
      decodeNothing,
      { signal }
    );
  }

  setTag(
    name: string,
    key: string,
    value: string,
    signal?: AbortSignal
  ): Promise<void> {
    return this._rest.send(
      'POST',
      'registered-models/set-tag',
      { name, key, value },
      decodeNothing,
      { signal }
    );
  }

  deleteTag(name: string, key: string, signal?: AbortSignal): Promise<void> {
    return this._rest.send(
      'DELETE',
      'registered-models/delete-tag',
      { name, key },
      decodeNothing,
      { signal }
    );
  }

  /** Points an alias at a version; it moves if it is set. `latest` and `v1`-like words are reserved. */
  setAlias(
    name: string,
    alias: string,
    version: string,
    signal?: AbortSignal
  ): Promise<void> {
    return this._rest.send(
      'POST',
      'registered-models/alias',
      { name, alias, version },
      decodeNothing,
      { signal }
    );
  }

  deleteAlias(
    name: string,
    alias: string,
    signal?: AbortSignal
  ): Promise<void> {
    return this._rest.send(
      'DELETE',
      'registered-models/alias',
      { name, alias },
      decodeNothing,
      { signal }
    );
  }

  /** @throws `not-found` for an alias that is not set (MLflow itself answers 400). */
  getByAlias(
    name: string,
    alias: string,
    signal?: AbortSignal
  ): Promise<ModelVersion> {
    return this._rest.get(
      'registered-models/alias',
      { name, alias },
      decodeVersion,
      {
        signal,
        missing: /alias .*not found/i
      }
    );
  }
}
