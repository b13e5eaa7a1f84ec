import type { Experiment, Page, Run } from '../../mlflow';
import type { FinderSource } from '../finder';

/** Experiments, the newest first, and how many runs of the notebook each holds; asked as MLflow is. */
export class FakeStore {
  /** Ids of experiments, the newest first. */
  ids: string[] = [];
  /** How many runs of the notebook an experiment holds. */
  readonly runs = new Map<string, number>();
  /** What runs were searched for: ids of experiments. */
  readonly asked: ReadonlyArray<string>[] = [];
  /** How many experiments each listing asked for. */
  readonly listed: number[] = [];
  /** Milliseconds since the beginning; each answer takes `takes`. */
  now = 0;
  takes = 10;
  failure: Error | null = null;

  /** @param count - so many experiments, named by numbers, the newest with the highest. */
  static of(count: number): FakeStore {
    const store = new FakeStore();
    store.ids = Array.from({ length: count }, (_, at) => `${count - at}`);
    return store;
  }

  readonly source: FinderSource = {
    experiments: {
      search: async search => {
        const { maxResults = 0, pageToken } = search ?? {};
        this._answer();
        this.listed.push(maxResults);
        const from = Number(pageToken ?? 0);
        return page(
          this.ids.slice(from, from + maxResults).map(id => ({ id })),
          from + maxResults < this.ids.length ? `${from + maxResults}` : null
        ) as unknown as Page<Experiment>;
      }
    },
    runs: {
      search: async ({ experimentIds, maxResults = 0 }) => {
        this._answer();
        this.asked.push(experimentIds);
        const found = experimentIds.flatMap(experimentId =>
          Array.from({ length: this.runs.get(experimentId) ?? 0 }, () => ({
            info: { experimentId }
          }))
        );
        return page(found.slice(0, maxResults), null) as unknown as Page<Run>;
      }
    }
  };

  private _answer(): void {
    this.now += this.takes;
    if (this.failure !== null) {
      throw this.failure;
    }
  }
}

function page<T>(items: T[], nextPageToken: string | null): Page<T> {
  return { items, nextPageToken };
}
