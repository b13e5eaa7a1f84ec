import type { Page } from '../../mlflow';
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
      search: search => {
        const { maxResults = 0, pageToken } = search ?? {};
        const failure = this._spend();
        if (failure !== null) {
          return Promise.reject(failure);
        }
        this.listed.push(maxResults);
        const from = Number(pageToken ?? 0);
        return answer(
          this.ids.slice(from, from + maxResults).map(id => ({ id })),
          from + maxResults < this.ids.length ? `${from + maxResults}` : null
        );
      }
    },
    runs: {
      search: ({ experimentIds, maxResults = 0 }) => {
        const failure = this._spend();
        if (failure !== null) {
          return Promise.reject(failure);
        }
        this.asked.push(experimentIds);
        const found = experimentIds.flatMap(experimentId =>
          Array.from({ length: this.runs.get(experimentId) ?? 0 }, () => ({
            info: { experimentId }
          }))
        );
        return answer(found.slice(0, maxResults), null);
      }
    }
  };

  private _spend(): Error | null {
    this.now += this.takes;
    return this.failure;
  }
}

/** An answer, as far as somebody reads it. */
function answer<T>(
  items: unknown[],
  nextPageToken: string | null
): Promise<Page<T>> {
  return Promise.resolve({ items, nextPageToken } as Page<T>);
}
