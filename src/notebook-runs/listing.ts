import {
  RunListing,
  type RunQuery,
  type RunSource,
  type Thoroughness
} from '../runs';
import type { ExperimentFinder } from './finder';

/** The runs of a notebook, in whichever experiments they are. */
export class NotebookListing extends RunListing {
  /**
   * @param options.query - its experiments are not used.
   * @param options.hints - experiments that the next run will probably be in: asked about at once.
   * @param options.onFound - told when the notebook has runs in more experiments.
   */
  constructor(
    private readonly _options: {
      query: RunQuery;
      finder: ExperimentFinder;
      source: RunSource;
      hints: () => Iterable<string>;
      onFound: (experimentIds: ReadonlySet<string>) => void;
    }
  ) {
    const { query, finder, source, hints } = _options;
    super(query, {
      searchInto: (sink, search, signal) =>
        source.searchInto(
          sink,
          {
            ...search,
            filter: within(query.filter, search.filter),
            experimentIds: [...new Set([...finder.known, ...hints()])]
          },
          signal
        )
    });
  }

  override async poll(
    signal: AbortSignal,
    thoroughness: Thoroughness = 'usual'
  ): Promise<void> {
    const { finder, onFound } = this._options;
    await super.poll(signal, thoroughness);
    if (await finder.look(signal, thoroughness === 'all')) {
      onFound(finder.known);
      // Runs of an experiment that was not asked about before have their place anywhere.
      await this.follower.reload(signal);
    }
  }
}

/** Runs asked for by themselves, such as parents, are shown only if the notebook made them, too. */
function within(own: string, filter: string | undefined): string {
  return filter === undefined || filter === own ? own : `${filter} AND ${own}`;
}
