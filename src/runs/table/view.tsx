import { useEffect, useMemo } from 'react';
import { MlflowError } from '../../mlflow';
import { useServers } from '../../servers';
import { Button } from '../../ui/buttons';
import { useTrans } from '../../ui/context';
import { useSignalValue } from '../../ui/signals';
import { EmptyState, LoadingState } from '../../ui/states';
import type { IViewHost, IViews } from '../../ui/views';
import { knownKeys } from '../filter/known';
import { NoRuns, RunsError, StaleNotice } from '../list-states';
import { useCapabilities, useExperimentName, useRunListing } from '../queries';
import {
  countRecorded,
  NOT_RECORDED,
  recordedIn,
  RecordedLine
} from '../recorded';
import { searchOf } from '../search';
import { ShownRuns } from '../shown-runs';
import { RunColumns } from '../store';
import type { RunActions } from '../actions';
import type { RunTarget } from '../target';
import { type RunQuery } from '../tokens';
import type { RunTools } from '../tools';
import { TableBar } from './bar';
import { attributeColumns, columnOf } from './columns';
import { LoadedTable } from './loaded';
import { type TableState, useTableState } from './state';

/** What a table works with; made once by the wiring. */
export interface TableServices extends Omit<RunTools, 'actions'> {
  readonly actions: RunActions;
  readonly views: IViews;
  readonly target: RunTarget;
}

interface RunTableProps {
  readonly serverId: string;
  readonly experimentId: string;
  readonly host: IViewHost;
  readonly services: TableServices;
}

/** The runs of an experiment as a table. */
export default function RunTableView(props: RunTableProps): JSX.Element {
  const { serverId, experimentId, host } = props;
  const trans = useTrans();
  const servers = useServers();
  const isKnown = useSignalValue(servers.changed, () =>
    servers.servers.some(server => server.id === serverId)
  );
  const isLoading = useSignalValue(servers.changed, () => servers.isLoading);
  const [state, setState] = useTableState(
    props.services.memory,
    serverId,
    experimentId
  );
  if (!isKnown) {
    return isLoading ? (
      <LoadingState label={trans.__('Loading runs')} />
    ) : (
      <EmptyState
        title={trans.__('This tracking server is not known here any more')}
      >
        <p>
          {trans.__(
            'Connect to it in the MLflow panel, then open the table again.'
          )}
        </p>
        <Button onClick={() => host.close()}>{trans.__('Close')}</Button>
      </EmptyState>
    );
  }
  return state === null ? (
    <LoadingState label={trans.__('Loading runs')} />
  ) : (
    <ExperimentTable {...props} state={state} setState={setState} />
  );
}

const NOTHING_LOADED = new RunColumns();

function ExperimentTable(
  props: RunTableProps & {
    state: TableState;
    setState: (next: Partial<TableState>) => void;
  }
): JSX.Element {
  const { serverId, experimentId, host, state, setState } = props;
  const trans = useTrans();
  const capabilities = useCapabilities(serverId) ?? null;
  const name = useExperimentName(serverId, experimentId);
  useEffect(() => {
    if (name !== undefined) {
      host.setTitle(trans.__('%1: runs', name));
    }
  }, [host, name, trans]);

  const { sort, filter, stage } = state;
  const hides = state.hidesRecorded && capabilities !== null;
  // Older servers cannot be asked for what has no such tag: there they are hidden here.
  const asks = hides && capabilities.filterIsNull;
  const query = useMemo<RunQuery>(() => {
    const column =
      sort === null
        ? null
        : columnOf(sort.columnId, attributeColumns(trans), trans);
    const by = column?.orderBy ?? null;
    return {
      experimentIds: [experimentId],
      // Capabilities are not asked here: they could change under a filter that is shown already.
      filter: [searchOf(filter, null, trans).filter, asks && NOT_RECORDED]
        .filter(Boolean)
        .join(' AND '),
      order:
        by === null || sort === null
          ? null
          : { by, descending: sort.descending },
      viewType: stage === 'deleted' ? 'DELETED_ONLY' : 'ACTIVE_ONLY'
    };
  }, [experimentId, filter, asks, sort, stage, trans]);
  const used = useRunListing(serverId, query);
  const { listing, error } = used;
  const refused =
    error instanceof MlflowError && error.kind === 'invalid-filter'
      ? error.message
      : null;
  const runs = listing?.columns ?? NOTHING_LOADED;
  const version = useSignalValue(runs.changed, () => runs.version);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the version stands for what the columns hold
  const known = useMemo(() => knownKeys(runs), [runs, version]);
  const shown = useMemo(
    () => (hides && !asks ? new ShownRuns(runs, recordedIn) : undefined),
    [hides, asks, runs]
  );

  const content = (): JSX.Element | null => {
    if (listing === null) {
      return error === null ? (
        <LoadingState label={trans.__('Loading runs')} lines={12} />
      ) : refused === null ? (
        <RunsError reason={error} onRetry={used.refresh} />
      ) : null;
    }
    if (runs.length === 0 && !used.isPrevious) {
      return filter !== '' ? (
        <EmptyState title={trans.__('No runs match the filter')}>
          <Button onClick={() => setState({ filter: '' })}>
            {trans.__('Clear the filter')}
          </Button>
        </EmptyState>
      ) : hides ? (
        <EmptyState title={trans.__('No runs beside recorded cells')} />
      ) : stage === 'deleted' ? (
        <EmptyState title={trans.__('No deleted runs')}>
          {trans.__('What is deleted here stays here until it is restored.')}
        </EmptyState>
      ) : (
        <NoRuns serverId={serverId} experimentId={experimentId} />
      );
    }
    if (shown?.length === 0 && listing.loader.isComplete) {
      return <EmptyState title={trans.__('No runs beside recorded cells')} />;
    }
    return (
      <LoadedTable
        key={JSON.stringify(listing.query)}
        serverId={serverId}
        label={
          name === undefined ? trans.__('Runs') : trans.__('Runs of %1', name)
        }
        listing={listing}
        shown={shown}
        isStale={used.isPrevious}
        state={state}
        setState={setState}
        services={props.services}
        maxTagLength={capabilities?.maxTagLength}
        onRefresh={used.refresh}
      />
    );
  };

  return (
    <div
      className="jp-mlflow-RunTable"
      data-mlflow-experiment-id={experimentId}
    >
      <TableBar
        name={name ?? experimentId}
        known={known}
        runs={shown ?? runs}
        capabilities={capabilities}
        refused={refused}
        state={state}
        setState={setState}
        settings={props.services.settings}
        onRefresh={used.refresh}
      />
      {error !== null && listing !== null && refused === null && (
        <StaleNotice
          reason={error}
          answeredAt={used.answeredAt}
          onRetry={used.refresh}
        />
      )}
      {content()}
      {capabilities !== null && (
        <RecordedLine
          count={countRecorded(runs)}
          isHidden={hides}
          onChange={hidesRecorded => setState({ hidesRecorded })}
        />
      )}
    </div>
  );
}
