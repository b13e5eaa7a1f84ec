import { type Page } from './entities';

/** How one page is asked for; `undefined` is the first. */
export type FetchPage<T> = (pageToken: string | undefined) => Promise<Page<T>>;

/**
 * The pages of a listing, one request each, as they are asked for. Ends also on an empty page (MLflow 2.3.2 gives a token
 * after a last page that is exactly full) and on a token that does not advance.
 */
export async function* pagesOf<T>(
  fetchPage: FetchPage<T>
): AsyncGenerator<Page<T>, void, undefined> {
  let token: string | undefined;
  for (;;) {
    const page = await fetchPage(token);
    if (page.items.length > 0 || token === undefined) {
      yield page;
    }
    if (
      page.nextPageToken === null ||
      page.items.length === 0 ||
      page.nextPageToken === token
    ) {
      return;
    }
    token = page.nextPageToken;
  }
}

/**
 * The items of all pages. MLflow's tokens are offsets, so an item moves to the next page when another is inserted before
 * it: each key is given once.
 */
export async function* itemsOf<T>(
  fetchPage: FetchPage<T>,
  keyOf: (item: T) => string
): AsyncGenerator<T, void, undefined> {
  const seen = new Set<string>();
  for await (const page of pagesOf(fetchPage)) {
    for (const item of page.items) {
      const key = keyOf(item);
      if (!seen.has(key)) {
        seen.add(key);
        yield item;
      }
    }
  }
}
