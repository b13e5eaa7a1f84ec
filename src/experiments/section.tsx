import { useCallback, useEffect, useRef } from 'react';
import { MlflowError, type Experiment } from '../mlflow';
import { useCurrentServer } from '../servers';
import { Button } from '../ui/buttons';
import { useTrans, useUi } from '../ui/context';
import { canRetry, describeError } from '../ui/errors';
import { useSignalValue } from '../ui/signals';
import { EmptyState, ErrorState, LoadingState } from '../ui/states';
import { ExperimentsBar } from './bar';
import {
  ExperimentsProvider,
  useExperiments,
  useExperimentsView,
  useSelectedId,
  type ExperimentServices
} from './context';
import { ExperimentDetails } from './details';
import { ExperimentRows } from './list';
import { useExperiment, useExperimentList } from './queries';

/** The command that opens an experiment's runs as a table, where that feature is there. */
const OPEN_TABLE = 'mlflow:open-run-table';

/** The experiments of the current server. */
export default function ExperimentsSection(props: {
  services: ExperimentServices;
}): JSX.Element | null {
  const server = useCurrentServer();
  return server ? (
    <ExperimentsProvider value={props.services}>
      <ServerExperiments key={server.id} serverId={server.id} />
    </ExperimentsProvider>
  ) : null;
}

function ServerExperiments(props: { serverId: string }): JSX.Element {
  const { serverId } = props;
  const trans = useTrans();
  const { commands } = useUi();
  const { model, selection, actions } = useExperiments();
  const view = useExperimentsView();
  const selected = useSelectedId(serverId);
  const isRestored = useSignalValue(
    selection.changed,
    () => selection.isRestored
  );
  const list = useExperimentList(serverId, view);
  const { experiments } = list;
  const search = useRef<HTMLInputElement>(null);
  const body = useRef<HTMLDivElement>(null);

  useEffect(() => {
    void model.restore();
  }, [model]);

  // The first look at a server shows runs at once; what is remembered is never overridden.
  const wantsFirst = useRef(true);
  const first = experiments.at(0)?.id;
  useEffect(() => {
    if (!wantsFirst.current || !isRestored || list.isPending) {
      return;
    }
    wantsFirst.current = false;
    if (selected === null && first !== undefined) {
      selection.select(serverId, first);
    }
  }, [selection, serverId, selected, first, isRestored, list.isPending]);

  const { loadMore } = list;
  const latest = useRef(loadMore);
  latest.current = loadMore;
  const onNearEnd = useCallback(() => latest.current(), []);

  const ref = (experimentId: string) => ({ serverId, experimentId });
  const isActive = view.stage === 'active';
  const hidden =
    selected !== null &&
    isRestored &&
    !list.isPending &&
    !experiments.some(one => one.id === selected);

  const content = (): JSX.Element => {
    if (list.isPending) {
      return list.error ? (
        <ListError reason={list.error} onRetry={list.refetch} />
      ) : (
        <LoadingState label={trans.__('Loading experiments')} />
      );
    }
    if (experiments.length === 0) {
      return list.error ? (
        <ListError reason={list.error} onRetry={list.refetch} />
      ) : (
        <NoExperiments serverId={serverId} hasAny={list.hasAny} />
      );
    }
    return (
      <ExperimentRows
        experiments={experiments}
        selected={selected}
        sortedBy={view.sort.by}
        isBusy={list.isFetching}
        onSelect={id => selection.select(serverId, id)}
        onOpen={id => {
          if (commands.hasCommand(OPEN_TABLE)) {
            void commands.execute(OPEN_TABLE, { serverId, experimentId: id });
          }
        }}
        onRename={isActive ? id => void actions.rename(ref(id)) : undefined}
        onDelete={isActive ? id => void actions.delete(ref(id)) : undefined}
        onType={letter => {
          search.current?.focus();
          model.set({ search: view.search + letter });
        }}
        onNearEnd={onNearEnd}
      />
    );
  };

  return (
    <div ref={body} className="jp-mlflow-Experiments">
      <ExperimentsBar
        ref={search}
        serverId={serverId}
        onLeave={() =>
          body.current?.querySelector<HTMLElement>('[role=listbox]')?.focus()
        }
      />
      {!isActive && (
        <div className="jp-mlflow-Notice" role="status">
          {trans.__('Deleted experiments.')}{' '}
          <Button look="link" onClick={() => model.set({ stage: 'active' })}>
            {trans.__('Back to the active ones')}
          </Button>
        </div>
      )}
      {hidden && isActive && (
        <GoneNotice serverId={serverId} experimentId={selected} />
      )}
      {content()}
      {view.details && <ExperimentDetails serverId={serverId} />}
    </div>
  );
}

function NoExperiments(props: {
  serverId: string;
  hasAny: boolean;
}): JSX.Element {
  const trans = useTrans();
  const { model, actions } = useExperiments();
  const { search, stage } = useExperimentsView();
  if (search.trim() !== '' && props.hasAny) {
    return (
      <EmptyState title={trans.__('No experiments match “%1”', search.trim())}>
        <Button onClick={() => model.set({ search: '' })}>
          {trans.__('Clear the search')}
        </Button>
      </EmptyState>
    );
  }
  return stage === 'deleted' ? (
    <EmptyState title={trans.__('No deleted experiments')}>
      {trans.__('What is deleted here stays here until it is restored.')}
    </EmptyState>
  ) : (
    <EmptyState title={trans.__('No experiments yet')}>
      <p>
        {trans.__(
          'An experiment holds the runs of one piece of work. Create one here, or with mlflow.set_experiment("name") in a notebook.'
        )}
      </p>
      <Button look="accept" onClick={() => void actions.create(props.serverId)}>
        {trans.__('New experiment…')}
      </Button>
    </EmptyState>
  );
}

function ListError(props: { reason: Error; onRetry: () => void }): JSX.Element {
  const trans = useTrans();
  const { message, hint } = describeError(props.reason, trans);
  return (
    <ErrorState
      title={trans.__('The experiments could not be read')}
      message={message}
      hint={hint}
    >
      {canRetry(props.reason) && (
        <Button onClick={props.onRetry}>{trans.__('Try again')}</Button>
      )}
    </ErrorState>
  );
}

/** Says so when the selected experiment was deleted meanwhile, by somebody else perhaps. */
function GoneNotice(props: {
  serverId: string;
  experimentId: string;
}): JSX.Element | null {
  const { serverId, experimentId } = props;
  const trans = useTrans();
  const { selection, actions } = useExperiments();
  const { data, error } = useExperiment(serverId, experimentId);
  const removed = error instanceof MlflowError && error.kind === 'not-found';
  if (!removed && data?.lifecycleStage !== 'deleted') {
    return null;
  }
  const known: Experiment | null = removed ? null : (data ?? null);
  return (
    <div className="jp-mlflow-Notice jp-mod-warning" role="alert">
      <span>
        {known
          ? trans.__('The experiment “%1” was deleted.', known.name)
          : trans.__('The selected experiment is not on this server any more.')}
      </span>{' '}
      {known && (
        <Button
          look="link"
          onClick={() => void actions.restore({ serverId, experimentId })}
        >
          {trans.__('Restore')}
        </Button>
      )}{' '}
      <Button look="link" onClick={() => selection.select(serverId, null)}>
        {trans.__('Dismiss')}
      </Button>
    </div>
  );
}
