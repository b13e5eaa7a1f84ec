import { type Thoroughness, RunFollower } from './live';
import { RunFamily } from './live-family';
import { RunLoader, type RunSource } from './loader';
import { type RunColumns } from './store';
import { type RunQuery } from './tokens';

/** The runs of one query: what is loaded of them, how more is loaded, and how they are followed. Shared by all views of the query. */
export class RunListing {
  constructor(query: RunQuery, source: RunSource, now?: () => number) {
    this.loader = new RunLoader(query, source, now);
    this.follower = new RunFollower(this.loader);
    this.family = new RunFamily(this.loader);
  }

  readonly loader: RunLoader;
  readonly follower: RunFollower;
  readonly family: RunFamily;

  get query(): RunQuery {
    return this.loader.query;
  }

  get columns(): RunColumns {
    return this.loader.columns;
  }

  /** The first page, then polls. @throws MlflowError, or the AbortError of the signal. */
  poll(signal: AbortSignal, thoroughness?: Thoroughness): Promise<void> {
    return this.follower.poll(signal, thoroughness);
  }
}
