import * as v from 'valibot';
import { type Experiment, type Page, type ViewType } from './entities';
import { itemsOf } from './paging';
import { decodeNothing, type RestClient } from './rest';
import { decoder, experiment, id, pageDecoder } from './schemas';

export interface ExperimentSearch {
  /** MLflow's filter on name, creation_time, last_update_time and tags. */
  readonly filter?: string;
  /** For example `['last_update_time DESC']`. */
  readonly orderBy?: ReadonlyArray<string>;
  /** Default ACTIVE_ONLY. */
  readonly viewType?: ViewType;
  /** 1–50,000, default 1,000. */
  readonly maxResults?: number;
  readonly pageToken?: string;
}

const decodePage = pageDecoder('experiments', experiment);
const decodeOne = decoder(
  v.pipe(
    v.object({ experiment }),
    v.transform(answer => answer.experiment)
  )
);
const decodeId = decoder(
  v.pipe(
    v.object({ experiment_id: id }),
    v.transform(answer => answer.experiment_id)
  )
);

function taken(name: string): string {
  return `An experiment named "${name}" exists already, or was deleted and still holds the name.`;
}

/** `experiments/*`. Every method throws MlflowError. */
export class ExperimentsApi {
  constructor(private readonly _rest: RestClient) {}

  /** One page of experiments, in the order of the server (newest first). */
  search(
    search: ExperimentSearch = {},
    signal?: AbortSignal
  ): Promise<Page<Experiment>> {
    const {
      filter,
      orderBy,
      viewType = 'ACTIVE_ONLY',
      maxResults = 1000,
      pageToken
    } = search;
    return this._rest.send(
      'POST',
      'experiments/search',
      {
        filter,
        order_by: orderBy,
        view_type: viewType,
        max_results: maxResults,
        page_token: pageToken
      },
      decodePage,
      { signal, filtered: !!filter }
    );
  }

  /** All experiments of a search, page after page, each once. */
  searchAll(
    search: Omit<ExperimentSearch, 'pageToken'> = {},
    signal?: AbortSignal
  ): AsyncGenerator<Experiment> {
    return itemsOf(
      pageToken => this.search({ ...search, pageToken }, signal),
      one => one.id
    );
  }

  /** Deleted experiments are given, too. */
  get(experimentId: string, signal?: AbortSignal): Promise<Experiment> {
    return this._rest.get(
      'experiments/get',
      { experiment_id: experimentId },
      decodeOne,
      { signal }
    );
  }

  getByName(name: string, signal?: AbortSignal): Promise<Experiment> {
    return this._rest.get(
      'experiments/get-by-name',
      { experiment_name: name },
      decodeOne,
      { signal }
    );
  }

  /**
   * @returns The id of the new experiment.
   * @throws `already-exists` also when a deleted experiment holds the name.
   */
  create(
    name: string,
    options: {
      readonly artifactLocation?: string;
      readonly tags?: ReadonlyMap<string, string>;
    } = {},
    signal?: AbortSignal
  ): Promise<string> {
    const tags = [...(options.tags ?? [])].map(([key, value]) => ({
      key,
      value
    }));
    return this._rest.send(
      'POST',
      'experiments/create',
      { name, artifact_location: options.artifactLocation, tags },
      decodeId,
      { signal, taken: taken(name) }
    );
  }

  /** Renames an experiment. */
  update(
    experimentId: string,
    name: string,
    signal?: AbortSignal
  ): Promise<void> {
    return this._rest.send(
      'POST',
      'experiments/update',
      { experiment_id: experimentId, new_name: name },
      decodeNothing,
      { signal, taken: taken(name) }
    );
  }

  /** @throws `not-found` when it is deleted already. */
  delete(experimentId: string, signal?: AbortSignal): Promise<void> {
    return this._post(
      'experiments/delete',
      { experiment_id: experimentId },
      signal
    );
  }

  /** @throws `not-found` when it is not deleted. */
  restore(experimentId: string, signal?: AbortSignal): Promise<void> {
    return this._post(
      'experiments/restore',
      { experiment_id: experimentId },
      signal
    );
  }

  setTag(
    experimentId: string,
    key: string,
    value: string,
    signal?: AbortSignal
  ): Promise<void> {
    return this._post(
      'experiments/set-experiment-tag',
      { experiment_id: experimentId, key, value },
      signal
    );
  }

  /** @throws `too-old` where the server cannot (capability `deleteExperimentTag`). */
  deleteTag(
    experimentId: string,
    key: string,
    signal?: AbortSignal
  ): Promise<void> {
    return this._rest.send(
      'POST',
      'experiments/delete-experiment-tag',
      { experiment_id: experimentId, key },
      decodeNothing,
      { signal, since: '2.18' }
    );
  }

  private _post(
    endpoint: string,
    body: Record<string, unknown>,
    signal?: AbortSignal
  ): Promise<void> {
    return this._rest.send('POST', endpoint, body, decodeNothing, { signal });
  }
}
