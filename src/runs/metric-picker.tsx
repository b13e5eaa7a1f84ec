import { useMemo } from 'react';
import { useTrans } from '../ui/context';
import { KeysPicker } from './keys-picker';
import { MOST_METRICS } from './list-model';
import { type RunListing } from './listing';
import { useColumnsVersion } from './use-listing';

/** The metrics of a line: those that were picked, else the first that runs have. */
export function useShownMetrics(
  picked: ReadonlyArray<string> | null,
  listing: RunListing
): ReadonlyArray<string> {
  useColumnsVersion(listing);
  const keys = listing.columns.rows.metrics.keys;
  return useMemo(() => picked ?? keys.slice(0, 1), [picked, keys]);
}

/** Chooses which metrics the lines of a list show. */
export function MetricPicker(props: {
  listing: RunListing;
  /** Null until somebody picks. */
  picked: ReadonlyArray<string> | null;
  onPick: (metrics: ReadonlyArray<string>) => void;
  onClose: () => void;
}): JSX.Element {
  const { listing } = props;
  const trans = useTrans();
  const chosen = useShownMetrics(props.picked, listing);
  const keys = listing.columns.rows.metrics.keys;
  const groups = useMemo(
    () => [
      {
        id: 'metrics',
        label: trans.__('Show at most %1 metrics', MOST_METRICS),
        keys: [...keys]
          .sort((a, b) => a.localeCompare(b))
          .map(key => ({ id: key, label: key }))
      }
    ],
    [keys, trans]
  );
  return keys.length === 0 ? (
    <div className="jp-mlflow-Notice" role="status">
      {trans.__('The runs that are loaded have no metrics.')}
    </div>
  ) : (
    <KeysPicker
      label={trans.__('Metrics to show')}
      groups={groups}
      chosen={new Set(chosen)}
      most={MOST_METRICS}
      onChange={props.onPick}
      onClose={props.onClose}
    />
  );
}
