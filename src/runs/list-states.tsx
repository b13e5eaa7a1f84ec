import { useCurrentServer, useHealth } from '../servers';
import { Button } from '../ui/buttons';
import { CopyButton } from '../ui/clipboard';
import { useTrans } from '../ui/context';
import { canRetry, describeError } from '../ui/errors';
import { formatInt } from '../ui/format';
import { EmptyState, ErrorState } from '../ui/states';
import { useExperimentName } from './queries';
import { type RunListing } from './listing';
import { countRecorded, RecordedLine } from './recorded';
import { useColumnsVersion, useLoadState } from './use-listing';

/** Three lines of Python that log a first run into an experiment. */
export function firstRunCode(
  experiment: string,
  trackingUri: string | null
): string {
  const connect =
    trackingUri === null
      ? ''
      : `; mlflow.set_tracking_uri(${JSON.stringify(trackingUri)})`;
  return [
    `import mlflow${connect}`,
    `mlflow.set_experiment(${JSON.stringify(experiment)})`,
    'mlflow.log_metric("loss", 0.5)'
  ].join('\n');
}

/** An experiment without runs: how to log the first one. */
export function NoRuns(props: {
  serverId: string;
  experimentId: string;
}): JSX.Element {
  const trans = useTrans();
  const server = useCurrentServer();
  const name = useExperimentName(props.serverId, props.experimentId);
  const isHttp = server !== null && /^https?:/.test(server.uri);
  const code = firstRunCode(name ?? 'Default', isHttp ? server.uri : null);
  return (
    <EmptyState title={trans.__('No runs yet')}>
      <p>{trans.__('Log the first one from a notebook:')}</p>
      <div className="jp-mlflow-Runs-snippet">
        <pre tabIndex={0} aria-label={trans.__('Code that logs a run')}>
          {code}
        </pre>
        <CopyButton text={code} label={trans.__('Copy the code')} />
      </div>
    </EmptyState>
  );
}

/** The runs could not be read, and there is nothing from before. */
export function RunsError(props: {
  reason: Error;
  onRetry: () => void;
}): JSX.Element {
  const trans = useTrans();
  const { title, message, hint } = describeError(props.reason, trans);
  return (
    <ErrorState title={title} message={message} hint={hint}>
      {canRetry(props.reason) && (
        <Button onClick={props.onRetry}>{trans.__('Try again')}</Button>
      )}
    </ErrorState>
  );
}

/** What is shown is from before the server stopped answering. */
export function StaleNotice(props: {
  reason: Error;
  answeredAt: number;
  onRetry: () => void;
}): JSX.Element {
  const trans = useTrans();
  const { message } = describeError(props.reason, trans);
  const at = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' }).format(
    props.answeredAt
  );
  return (
    <div className="jp-mlflow-Notice jp-mod-warning" role="alert">
      {message}{' '}
      {props.answeredAt > 0 && trans.__('Showing what was read at %1.', at)}{' '}
      <Button look="link" onClick={props.onRetry}>
        {trans.__('Try again')}
      </Button>
    </div>
  );
}

/** The same in a section of the panel, whose header may tell it already: a narrow panel has no room to say it twice. */
export function SectionStaleNotice(
  props: Parameters<typeof StaleNotice>[0] & { serverId: string }
): JSX.Element | null {
  const { serverId, ...notice } = props;
  const current = useCurrentServer();
  const { state } = useHealth();
  const isTold =
    serverId === current?.id && ['failed', 'signed-out'].includes(state);
  return isTold ? null : <StaleNotice {...notice} />;
}

/** Below a list of runs: how many are loaded, and those of them that the recorder made. */
export function ListFooter(props: {
  listing: RunListing;
  hidesRecorded: boolean;
  onHide: (hidesRecorded: boolean) => void;
}): JSX.Element {
  const { listing } = props;
  useColumnsVersion(listing);
  const recorded = countRecorded(listing.columns);
  return (
    <div className="jp-mlflow-Runs-foot">
      <CountLine listing={listing} />
      {recorded > 0 && (
        <RecordedLine
          count={recorded}
          isHidden={props.hidesRecorded}
          onChange={props.onHide}
        />
      )}
    </div>
  );
}

/** How many runs are loaded, and whether there are more. */
export function CountLine(props: {
  listing: RunListing;
  isNarrow?: boolean;
}): JSX.Element {
  const { listing } = props;
  const trans = useTrans();
  const { isComplete, isLoadingMore, moreError } = useLoadState(listing);
  const count = listing.columns.length;
  const number = formatInt(count);
  if (moreError !== null) {
    const { message } = describeError(moreError, trans);
    return (
      <div className="jp-mlflow-Count jp-mod-error" role="alert">
        {trans.__(
          '%1 runs loaded. The next ones could not be read: %2',
          number,
          message
        )}{' '}
        <Button look="link" onClick={() => listing.loader.retry()}>
          {trans.__('Try again')}
        </Button>
      </div>
    );
  }
  const text = isComplete
    ? trans._n('1 run', '%2 runs', count, number)
    : isLoadingMore
      ? trans.__('%1 runs, loading more …', number)
      : trans.__('%1 runs loaded, more on the server', number);
  return (
    <div className="jp-mlflow-Count" role="status">
      {text}
    </div>
  );
}
