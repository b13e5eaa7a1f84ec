import { useEffect, useMemo } from 'react';
import { useVisible } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import { type RunListing } from './listing';
import { RunColumns } from './store';

/** The version of a listing's columns, followed. */
export function useColumnsVersion(listing: RunListing): number {
  return useSignalValue(listing.columns.changed, () => listing.columns.version);
}

/** Stands in while there is no listing; never filled. */
const NO_RUNS = new RunColumns();

/** How many runs of a listing are loaded, followed; 0 without a listing. */
export function useRunCount(listing: RunListing | null): number {
  const columns = listing?.columns ?? NO_RUNS;
  return useSignalValue(columns.changed, () => columns.length);
}

/** How far a listing is loaded, followed. */
export function useLoadState(listing: RunListing): {
  readonly isComplete: boolean;
  readonly isLoadingMore: boolean;
  readonly moreError: Error | null;
} {
  const { loader } = listing;
  const isComplete = useSignalValue(loader.changed, () => loader.isComplete);
  const isLoadingMore = useSignalValue(
    loader.changed,
    () => loader.isLoadingMore
  );
  const moreError = useSignalValue(loader.changed, () => loader.moreError);
  return { isComplete, isLoadingMore, moreError };
}

/**
 * Tells a listing what is in sight: those runs are followed, and more are loaded as the end comes near.
 *
 * @param lastRow - the last row in sight, in the order of the listing; -1 for none.
 * @param limit - rows that are wanted at most.
 */
export function useLook(
  listing: RunListing,
  runIds: ReadonlyArray<string>,
  lastRow: number,
  limit = Infinity
): void {
  const visible = useVisible();
  const view = useMemo(() => ({}), []);
  const { follower, loader } = listing;
  const inSight = runIds.join();
  useEffect(() => {
    follower.look(view, visible && inSight !== '' ? inSight.split(',') : null);
    return () => follower.look(view, null);
  }, [follower, view, visible, inSight]);
  const version = useColumnsVersion(listing);
  const { isLoadingMore, moreError } = useLoadState(listing);
  useEffect(() => {
    if (visible && lastRow >= 0 && loader.columns.length < limit) {
      loader.want(lastRow);
    }
  }, [loader, visible, lastRow, limit, version, isLoadingMore, moreError]);
}
