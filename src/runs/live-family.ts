import { idFilter } from './live';
import { type RunLoader } from './loader';
import { PARENT_TAG } from './store-rows';

/** Parents asked for in one request. */
const PARENTS_PER_REQUEST = 50;

/** Children of one run in one request; a sweep can have thousands. */
const CHILDREN_PER_REQUEST = 200;
const MOST_CHILDREN = 5000;

/** Finds the relatives of loaded runs that the listing's own pages have not brought (yet). */
export class RunFamily {
  constructor(private readonly _loader: RunLoader) {}

  /**
   * Reads parents that loaded runs name and nobody has loaded. Each is asked for once: a deleted one, or one of another
   * experiment, stays unknown, and its children stand at the top level.
   *
   * @throws MlflowError, or the AbortError of the signal.
   */
  async loadParents(signal: AbortSignal): Promise<void> {
    const missing = this._missingParents();
    for (let from = 0; from < missing.length; from += PARENTS_PER_REQUEST) {
      const ids = missing.slice(from, from + PARENTS_PER_REQUEST);
      const page = await this._loader.ask(
        { filter: idFilter(ids), maxResults: ids.length },
        signal
      );
      ids.forEach(id => this._asked.add(id));
      this._loader.columns.addAside(page);
    }
  }

  /**
   * Reads all children of a run, also those that the listing would bring much later.
   *
   * @throws MlflowError, or the AbortError of the signal.
   */
  async loadChildren(parentId: string, signal: AbortSignal): Promise<void> {
    let pageToken: string | undefined;
    for (let loaded = 0; loaded < MOST_CHILDREN;) {
      const page = await this._loader.ask(
        {
          filter: `tags.\`${PARENT_TAG}\` = '${parentId}'`,
          maxResults: CHILDREN_PER_REQUEST,
          pageToken
        },
        signal
      );
      loaded += page.size;
      const isLast =
        page.nextPageToken === null ||
        page.size < CHILDREN_PER_REQUEST ||
        page.nextPageToken === pageToken;
      pageToken = page.nextPageToken ?? undefined;
      this._loader.columns.addAside(page);
      if (isLast) {
        return;
      }
    }
  }

  private _missingParents(): string[] {
    const { columns } = this._loader;
    const tag = columns.rows.tags.get(PARENT_TAG);
    const missing = new Set<string>();
    if (tag !== undefined && tag.count > 0) {
      for (let row = 0; row < columns.length; row++) {
        const parent = tag.get(columns.slotAt(row));
        if (
          parent !== undefined &&
          columns.slotOf(parent) === undefined &&
          !this._asked.has(parent) &&
          /^[\w-]+$/.test(parent)
        ) {
          missing.add(parent);
        }
      }
    }
    return [...missing];
  }

  private readonly _asked = new Set<string>();
}
