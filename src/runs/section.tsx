import { Notification } from '@jupyterlab/apputils';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { MlflowError } from '../mlflow';
import { useCurrentServer } from '../servers';
import { Button } from '../ui/buttons';
import { useTrans, useVisible } from '../ui/context';
import { describeError } from '../ui/errors';
import { useSignalValue } from '../ui/signals';
import { EmptyState, LoadingState } from '../ui/states';
import { KeysPicker } from './keys-picker';
import { RunTreeView } from './list';
import { RunListBar } from './list-bar';
import {
  RunListProvider,
  type RunListServices,
  useRunList,
  useRunListView
} from './list-context';
import { type ListOf, MOST_METRICS } from './list-model';
import { CountLine, NoRuns, RunsError, StaleNotice } from './list-states';
import { type RunListing } from './listing';
import { useCapabilities, useRunListing } from './queries';
import { searchOf } from './search';
import { type RunQuery } from './tokens';
import { buildTree } from './tree';
import { useColumnsVersion, useRunCount } from './use-listing';
import { useDebounced } from './use-debounced';

/** A search is sent so long after the last letter, in milliseconds. */
const TYPING_MS = 250;

/** The runs of the selected experiment. */
export default function RunsSection(props: {
  services: RunListServices;
}): JSX.Element | null {
  const server = useCurrentServer();
  return server === null ? null : (
    <RunListProvider value={props.services}>
      <ServerRuns key={server.id} serverId={server.id} />
    </RunListProvider>
  );
}

function ServerRuns(props: { serverId: string }): JSX.Element {
  const { serverId } = props;
  const trans = useTrans();
  const { selection } = useRunList();
  const experimentId = useSignalValue(selection.changed, () =>
    selection.get(serverId)
  );
  const isRestored = useSignalValue(
    selection.changed,
    () => selection.isRestored
  );
  if (experimentId === null) {
    return isRestored ? (
      <EmptyState title={trans.__('No experiment selected')}>
        {trans.__('Select an experiment above to see its runs.')}
      </EmptyState>
    ) : (
      <LoadingState label={trans.__('Loading runs')} />
    );
  }
  return (
    <ExperimentRuns
      key={experimentId}
      serverId={serverId}
      experimentId={experimentId}
    />
  );
}

function ExperimentRuns(props: ListOf): JSX.Element {
  const { serverId, experimentId } = props;
  const of = useMemo(
    () => ({ serverId, experimentId }),
    [serverId, experimentId]
  );
  const trans = useTrans();
  const { model } = useRunList();
  const view = useRunListView(of);
  const capabilities = useCapabilities(serverId);
  const body = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);

  const typed = useDebounced(view.search, TYPING_MS);
  const search = useMemo(
    () => searchOf(typed, capabilities ?? null, trans),
    [typed, capabilities, trans]
  );
  const query = useMemo<RunQuery>(
    () => ({
      experimentIds: [experimentId],
      filter: search.filter ?? '',
      order: null,
      viewType: view.stage === 'deleted' ? 'DELETED_ONLY' : 'ACTIVE_ONLY'
    }),
    [experimentId, search.filter, view.stage]
  );
  const used = useRunListing(serverId, query, search.problem === null);
  const { listing, error } = used;
  const count = useRunCount(listing);
  const refused =
    error instanceof MlflowError && error.kind === 'invalid-filter'
      ? error.message
      : null;
  const isSearching = view.search.trim() !== '';

  const content = (): JSX.Element | null => {
    if (listing === null) {
      return error === null ? (
        <LoadingState label={trans.__('Loading runs')} />
      ) : refused === null ? (
        <RunsError reason={error} onRetry={used.refresh} />
      ) : null;
    }
    if (count === 0 && !used.isPrevious) {
      return isSearching ? (
        <EmptyState title={trans.__('No runs match “%1”', view.search.trim())}>
          <Button onClick={() => model.set(of, { search: '' })}>
            {trans.__('Clear the search')}
          </Button>
        </EmptyState>
      ) : view.stage === 'deleted' ? (
        <EmptyState title={trans.__('No deleted runs')}>
          {trans.__('What is deleted here stays here until it is restored.')}
        </EmptyState>
      ) : (
        <NoRuns {...of} />
      );
    }
    return (
      <LoadedRuns
        of={of}
        listing={listing}
        isStale={used.isPrevious}
        onType={letter => {
          input.current?.focus();
          model.set(of, { search: view.search + letter });
        }}
      />
    );
  };

  return (
    <div ref={body} className="jp-mlflow-Runs">
      <RunListBar
        ref={input}
        of={of}
        problem={search.problem ?? refused}
        onRefresh={used.refresh}
        onLeave={() =>
          body.current?.querySelector<HTMLElement>('[role=tree]')?.focus()
        }
      />
      {view.stage === 'deleted' && (
        <div className="jp-mlflow-Notice" role="status">
          {trans.__('Deleted runs.')}{' '}
          <Button
            look="link"
            onClick={() => model.set(of, { stage: 'active' })}
          >
            {trans.__('Back to the active ones')}
          </Button>
        </div>
      )}
      {error !== null && listing !== null && refused === null && (
        <StaleNotice
          reason={error}
          answeredAt={used.answeredAt}
          onRetry={used.refresh}
        />
      )}
      {listing !== null && view.isPicking && (
        <MetricPicker of={of} listing={listing} />
      )}
      {content()}
      {listing !== null && count > 0 && <Footer listing={listing} />}
    </div>
  );
}

function Footer(props: { listing: RunListing }): JSX.Element {
  useColumnsVersion(props.listing);
  return <CountLine listing={props.listing} />;
}

/** The metrics of a line: those that were picked, else the first that runs have. */
function useMetrics(of: ListOf, listing: RunListing): ReadonlyArray<string> {
  const { metrics } = useRunListView(of);
  const keys = listing.columns.rows.metrics.keys;
  return useMemo(() => metrics ?? keys.slice(0, 1), [metrics, keys]);
}

function MetricPicker(props: { of: ListOf; listing: RunListing }): JSX.Element {
  const { of, listing } = props;
  const trans = useTrans();
  const { model } = useRunList();
  const chosen = useMetrics(of, listing);
  useColumnsVersion(listing);
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
      onChange={metrics => model.set(of, { metrics })}
      onClose={() => model.set(of, { isPicking: false })}
    />
  );
}

function LoadedRuns(props: {
  of: ListOf;
  listing: RunListing;
  isStale: boolean;
  onType: (letter: string) => void;
}): JSX.Element {
  const { of, listing } = props;
  const { serverId } = of;
  const trans = useTrans();
  const visible = useVisible();
  const { model, actions, views, target } = useRunList();
  const view = useRunListView(of);
  const version = useColumnsVersion(listing);
  const metrics = useMetrics(of, listing);
  const { open } = view;
  const tree = useMemo(
    () => buildTree(listing.columns, id => open.has(id)),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the version stands for what the columns hold
    [listing, open, version]
  );

  const isFiltered = listing.query.filter !== '';
  useEffect(() => {
    if (!visible || isFiltered) {
      return;
    }
    const aborter = new AbortController();
    // Without their parents, nested runs stand at the top level: nothing to tell, and the next poll tries again.
    listing.family.loadParents(aborter.signal).catch(() => undefined);
    return () => aborter.abort();
  }, [listing, version, visible, isFiltered]);

  const onToggle = useCallback(
    (runId: string) => {
      const now = new Set(model.view(of).open);
      if (!now.delete(runId)) {
        now.add(runId);
        listing.family
          .loadChildren(runId, new AbortController().signal)
          .catch((reason: unknown) => {
            Notification.error(
              trans.__(
                'The nested runs could not be read: %1',
                describeError(reason, trans).message
              ),
              {
                autoClose: 8000
              }
            );
          });
      }
      model.set(of, { open: now });
    },
    [listing, model, of, trans]
  );
  const onOpen = useCallback(
    (runId: string) => views.open({ kind: 'run', serverId, args: { runId } }),
    [views, serverId]
  );
  const onCursor = useCallback(
    (cursor: string) => model.set(of, { cursor }),
    [model, of]
  );
  const isDeleted = view.stage === 'deleted';
  useEffect(() => {
    if (view.cursor !== null) {
      target.set({ serverId, runId: view.cursor, isDeleted });
    }
  }, [target, serverId, view.cursor, isDeleted]);

  return (
    <RunTreeView
      listing={listing}
      tree={tree}
      version={tree}
      cursor={view.cursor}
      metrics={metrics}
      isStale={props.isStale}
      onCursor={onCursor}
      onOpen={onOpen}
      onToggle={onToggle}
      onRename={runId => void actions.rename(serverId, runId)}
      onDelete={runId => {
        if (view.stage === 'active') {
          void actions.delete({ serverId, runIds: [runId] });
        }
      }}
      onType={props.onType}
    />
  );
}
