import { useCallback, useMemo, useRef } from 'react';
import { MlflowError } from '../mlflow';
import { useCurrentServer } from '../servers';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import { EmptyState, LoadingState } from '../ui/states';
import { FollowedRuns } from './followed-runs';
import { RunListBar } from './list-bar';
import {
  RunListProvider,
  type RunListServices,
  useRunList,
  useRunListView
} from './list-context';
import { type ListOf } from './list-model';
import {
  ListFooter,
  NoRuns,
  RunsError,
  SectionStaleNotice
} from './list-states';
import { MetricPicker } from './metric-picker';
import { useCapabilities, useRunListing } from './queries';
import { searchOf } from './search';
import { type RunQuery } from './tokens';
import type { TreeState } from './tree-state';
import { useRunCount } from './use-listing';
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
  const services = useRunList();
  const { model } = services;
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
  const used = useRunListing(serverId, query, {
    enabled: search.problem === null
  });
  const { listing, error } = used;
  const count = useRunCount(listing);
  const read = useCallback(() => model.view(of), [model, of]);
  const onState = useCallback(
    (next: Partial<TreeState>) => model.set(of, next),
    [model, of]
  );
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
      <FollowedRuns
        services={services}
        serverId={serverId}
        listing={listing}
        label={trans.__('Runs')}
        isStale={used.isPrevious}
        isDeleted={view.stage === 'deleted'}
        withParents={listing.query.filter === ''}
        state={view}
        read={read}
        onState={onState}
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
        <SectionStaleNotice
          serverId={serverId}
          reason={error}
          answeredAt={used.answeredAt}
          onRetry={used.refresh}
        />
      )}
      {listing !== null && view.isPicking && (
        <MetricPicker
          listing={listing}
          picked={view.metrics}
          onPick={metrics => model.set(of, { metrics })}
          onClose={() => model.set(of, { isPicking: false })}
        />
      )}
      {content()}
      {listing !== null && count > 0 && (
        <ListFooter
          listing={listing}
          hidesRecorded={view.hidesRecorded}
          onHide={hidesRecorded => model.set(of, { hidesRecorded })}
        />
      )}
    </div>
  );
}
