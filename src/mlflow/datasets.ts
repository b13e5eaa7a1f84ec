import * as v from 'valibot';
import { type DatasetSummary } from './entities';
import { type RestClient } from './rest';
import { decoder, id, text } from './schemas';

/** The server refuses more experiments in one request. */
const EXPERIMENTS_PER_REQUEST = 20;

const decodeSummaries = decoder(
  v.pipe(
    v.object({
      dataset_summaries: v.nullish(
        v.array(
          v.object({
            experiment_id: id,
            name: text,
            digest: text,
            context: text
          })
        ),
        []
      )
    }),
    v.transform(answer =>
      answer.dataset_summaries.map((d): DatasetSummary => ({
        experimentId: d.experiment_id,
        name: d.name,
        digest: d.digest,
        context: d.context
      }))
    )
  )
);

/** Data sets that runs used as inputs. Every method throws MlflowError. */
export class DatasetsApi {
  constructor(private readonly _rest: RestClient) {}

  /** @throws `too-old` where the server has no data sets (capability `datasets`). */
  async searchInExperiments(
    experimentIds: ReadonlyArray<string>,
    signal?: AbortSignal
  ): Promise<ReadonlyArray<DatasetSummary>> {
    const all: DatasetSummary[] = [];
    for (let i = 0; i < experimentIds.length; i += EXPERIMENTS_PER_REQUEST) {
      const some = experimentIds.slice(i, i + EXPERIMENTS_PER_REQUEST);
      const found = await this._rest.send(
        'POST',
        'experiments/search-datasets',
        { experiment_ids: some },
        decodeSummaries,
        { signal, since: '2.4' }
      );
      all.push(...found);
    }
    return all;
  }
}
