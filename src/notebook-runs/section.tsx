import { refreshIcon, settingsIcon } from '@jupyterlab/ui-components';
import { useCallback, useMemo } from 'react';
import { CannotQuoteError } from '../mlflow/filter';
import type { OpenNotebook } from '../notebooks';
import {
  FollowedRuns,
  ListFooter,
  MetricPicker,
  RunsError,
  SectionStaleNotice,
  type TreeState,
  useRunCount
} from '../runs';
import { useCurrentServer } from '../servers';
import { Button, IconButton, Toolbar } from '../ui/buttons';
import { useTrans, useUi } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import { EmptyState, LoadingState } from '../ui/states';
import {
  NotebookRunsProvider,
  type NotebookRunsServices,
  useNotebookRuns
} from './context';
import { filterOf, type NotebookKey } from './filter';
import type { RunsOf } from './model';
import {
  useKnownExperiments,
  useNotebookKey,
  useRunsOfNotebook
} from './queries';

/** The runs that the active notebook made. */
export default function NotebookRunsSection(props: {
  services: NotebookRunsServices;
}): JSX.Element {
  const { active } = props.services;
  const server = useCurrentServer();
  const notebook = useSignalValue(active.changed, () => active.current);
  if (server === null || notebook === null) {
    return <NoNotebook />;
  }
  return (
    <NotebookRunsProvider value={props.services}>
      <KnownNotebook
        key={`${server.id}/${notebook.path}`}
        serverId={server.id}
        notebook={notebook}
      />
    </NotebookRunsProvider>
  );
}

/** Begins a notebook, as the launcher does. */
const NEW_NOTEBOOK = 'notebook:create-new';

function NoNotebook(): JSX.Element {
  const trans = useTrans();
  const { commands } = useUi();
  return (
    <EmptyState title={trans.__('No notebook is open')}>
      <p>{trans.__('Open one: the runs that its cells start appear here.')}</p>
      {commands.hasCommand(NEW_NOTEBOOK) && (
        <Button onClick={() => void commands.execute(NEW_NOTEBOOK)}>
          {trans.__('New notebook')}
        </Button>
      )}
    </EmptyState>
  );
}

/** Whether the runs of a notebook can be searched for at all. */
function canFilter(key: NotebookKey): boolean {
  try {
    filterOf(key);
    return true;
  } catch (reason) {
    if (reason instanceof CannotQuoteError) {
      return false;
    }
    throw reason;
  }
}

function KnownNotebook(props: {
  serverId: string;
  notebook: OpenNotebook;
}): JSX.Element {
  const { serverId, notebook } = props;
  const trans = useTrans();
  const key = useNotebookKey(notebook);
  if (key === undefined) {
    return <LoadingState label={trans.__('Loading the notebook’s runs')} />;
  }
  return canFilter(key) ? (
    <Restored
      key={key.value}
      serverId={serverId}
      notebook={key}
      open={notebook}
    />
  ) : (
    <EmptyState title={trans.__('The runs of this notebook cannot be found')}>
      {trans.__(
        'MLflow cannot search for a path that has both kinds of quotation marks. Rename the notebook.'
      )}
    </EmptyState>
  );
}

function Restored(props: {
  serverId: string;
  notebook: NotebookKey;
  open: OpenNotebook;
}): JSX.Element {
  const { serverId, notebook, open } = props;
  const trans = useTrans();
  const of = useMemo(() => ({ serverId, notebook }), [serverId, notebook]);
  const known = useKnownExperiments(of);
  return known === undefined ? (
    <LoadingState label={trans.__('Loading the notebook’s runs')} />
  ) : (
    <Runs of={of} open={open} known={known} />
  );
}

function Runs(props: {
  of: RunsOf;
  open: OpenNotebook;
  known: ReadonlyArray<string>;
}): JSX.Element {
  const { of, open } = props;
  const trans = useTrans();
  const services = useNotebookRuns();
  const { model } = services;
  const view = useSignalValue(model.changed, () => model.view(of));
  const used = useRunsOfNotebook(of, open.path, props.known);
  const { listing, error } = used;
  const count = useRunCount(listing);
  const read = useCallback(() => model.view(of), [model, of]);
  const onState = useCallback(
    (next: Partial<TreeState>) => model.set(of, next),
    [model, of]
  );

  const content = (): JSX.Element => {
    if (listing === null) {
      return error === null ? (
        <LoadingState label={trans.__('Loading the notebook’s runs')} />
      ) : (
        <RunsError reason={error} onRetry={used.refresh} />
      );
    }
    return count === 0 ? (
      <EmptyState title={trans.__('This notebook has made no runs')}>
        {trans.__('Runs that this notebook’s cells start appear here.')}
      </EmptyState>
    ) : (
      <FollowedRuns
        services={services}
        serverId={of.serverId}
        listing={listing}
        label={trans.__('Made by %1', open.name)}
        isStale={false}
        isDeleted={false}
        withParents={true}
        state={view}
        read={read}
        onState={onState}
      />
    );
  };
  return (
    <div className="jp-mlflow-Runs">
      <div className="jp-mlflow-Runs-bar jp-mlflow-NotebookRuns-bar">
        <span className="jp-mlflow-NotebookRuns-name" title={open.path}>
          {open.name}
        </span>
        <Toolbar label={trans.__('This notebook')}>
          <IconButton
            icon={settingsIcon}
            label={trans.__('Choose Metrics of This Notebook')}
            pressed={view.isPicking}
            aria-expanded={view.isPicking}
            onClick={() => model.set(of, { isPicking: !view.isPicking })}
          />
          <IconButton
            icon={refreshIcon}
            label={trans.__('Refresh This Notebook')}
            onClick={used.refresh}
          />
        </Toolbar>
      </div>
      {error !== null && listing !== null && (
        <SectionStaleNotice
          serverId={of.serverId}
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
