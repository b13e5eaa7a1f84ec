import { useEffect, useMemo, useRef } from 'react';
import { MlflowError } from '../../mlflow';
import { useServers } from '../../servers';
import { Button } from '../../ui/buttons';
import { CopyButton } from '../../ui/clipboard';
import { useTrans } from '../../ui/context';
import { canRetry, describeError } from '../../ui/errors';
import { useSignalValue } from '../../ui/signals';
import { EmptyState, ErrorState, LoadingState } from '../../ui/states';
import { Time } from '../../ui/time';
import type { IViewHost } from '../../ui/views';
import type { RunRef } from '../commands-tokens';
import { AboutSection } from './about';
import type { RunPageActions } from './actions';
import { ChildrenSection } from './children';
import { CodeSection } from './code';
import { RunPageProvider, useRunPage, type RunPageServices } from './context';
import { ArtifactsSection } from './files';
import { RunHeader } from './header';
import { InputsSection } from './inputs';
import type { RunPages } from './model';
import { ModelsSection } from './models';
import { DescriptionSection, TagsSections } from './notes';
import { useRun } from './queries';
import {
  MetricsSection,
  ParametersSection,
  SystemMetricsSection
} from './values';

/** One run: what it is, what it logged, and what can be done with it. */
export default function RunPage(props: {
  run: RunRef;
  host: IViewHost;
  pages: RunPages;
  actions: RunPageActions;
  showExperiment: (serverId: string, experimentId: string) => void;
  /** Tells whether the run is deleted, whenever that is found out. */
  onStage: (run: RunRef, isDeleted: boolean) => void;
}): JSX.Element {
  const { host, pages, actions, showExperiment } = props;
  const { serverId, runId } = props.run;
  const trans = useTrans();
  const servers = useServers();
  const known = useSignalValue(servers.changed, () =>
    servers.servers.some(({ id }) => id === serverId)
  );
  const isLoading = useSignalValue(servers.changed, () => servers.isLoading);

  useEffect(() => {
    void pages.folds.restore();
  }, [pages]);
  const services = useMemo((): RunPageServices => {
    const ref = { serverId, runId };
    return {
      ref,
      model: pages.of(ref),
      folds: pages.folds,
      actions,
      showExperiment: experimentId => showExperiment(serverId, experimentId)
    };
  }, [serverId, runId, pages, actions, showExperiment]);

  return (
    <div className="jp-mlflow-Run" data-mlflow-run-id={runId}>
      {known ? (
        <RunPageProvider value={services}>
          <KnownServer host={host} onStage={props.onStage} />
        </RunPageProvider>
      ) : isLoading ? (
        <LoadingState label={trans.__('Loading the run')} />
      ) : (
        <EmptyState
          title={trans.__('The tracking server of this run is not known here')}
        >
          <p>
            {trans.__(
              'Add it in the MLflow panel, and open the run once more.'
            )}
          </p>
          <RunIdLine runId={runId} />
          <Button onClick={() => host.close()}>{trans.__('Close')}</Button>
        </EmptyState>
      )}
    </div>
  );
}

function RunIdLine(props: { runId: string }): JSX.Element {
  const trans = useTrans();
  return (
    <p className="jp-mlflow-Run-idLine">
      {trans.__('Run ID')} <code>{props.runId}</code>
      <CopyButton text={props.runId} label={trans.__('Copy the run ID')} />
    </p>
  );
}

function KnownServer(props: {
  host: IViewHost;
  onStage: (run: RunRef, isDeleted: boolean) => void;
}): JSX.Element {
  const { ref } = useRunPage();
  const trans = useTrans();
  const query = useRun(ref);
  const { data: run, error } = query;

  const host = useRef(props.host);
  host.current = props.host;
  const name = run && (run.info.name || run.info.id);
  useEffect(() => {
    if (name !== undefined) {
      host.current.setTitle(name);
    }
  }, [name]);

  const { onStage } = props;
  const stage = run?.info.lifecycleStage;
  useEffect(() => {
    if (stage !== undefined) {
      onStage(ref, stage === 'deleted');
    }
  }, [onStage, ref, stage]);

  if (!run) {
    return error ? (
      <NoRun
        reason={error}
        onRetry={() => void query.refetch()}
        onClose={() => host.current.close()}
      />
    ) : (
      <LoadingState label={trans.__('Loading the run')} lines={8} />
    );
  }
  return (
    <>
      <RunHeader run={run} />
      {error && <Stale reason={error} since={query.dataUpdatedAt} />}
      <div className="jp-mlflow-Run-columns">
        <div className="jp-mlflow-Run-about">
          <AboutSection run={run} />
        </div>
        <div className="jp-mlflow-Run-main">
          <DescriptionSection run={run} />
          <div className="jp-mlflow-Run-values">
            <div>
              <MetricsSection metrics={run.metrics} />
            </div>
            <div>
              <ParametersSection params={run.params} />
            </div>
          </div>
          <SystemMetricsSection metrics={run.metrics} />
          <ArtifactsSection run={run} />
          <CodeSection run={run} />
          <ChildrenSection run={run} />
        </div>
        <div className="jp-mlflow-Run-rest">
          <TagsSections
            tags={run.tags}
            canEdit={run.info.lifecycleStage === 'active'}
          />
          <InputsSection inputs={run.inputs} />
          <ModelsSection run={run} />
        </div>
      </div>
    </>
  );
}

/** The page keeps what it has when the server goes away, and says of when it is. */
function Stale(props: { reason: Error; since: number }): JSX.Element {
  const trans = useTrans();
  const gone =
    props.reason instanceof MlflowError && props.reason.kind === 'not-found';
  const { message, hint } = describeError(props.reason, trans);
  return (
    <div className="jp-mlflow-Notice jp-mod-warning" role="status">
      {gone
        ? trans.__('This run is not on the server any more.')
        : `${message} ${hint}`}{' '}
      {trans.__('What stands here is from:')} <Time time={props.since} />
    </div>
  );
}

/** Nothing to show: the run is not there, or cannot be read. */
function NoRun(props: {
  reason: Error;
  onRetry: () => void;
  onClose: () => void;
}): JSX.Element {
  const { reason } = props;
  const trans = useTrans();
  const { ref } = useRunPage();
  if (reason instanceof MlflowError && reason.kind === 'not-found') {
    return (
      <EmptyState title={trans.__('There is no such run on this server')}>
        <p>
          {trans.__(
            'It was removed for good, or belongs to another tracking server.'
          )}
        </p>
        <RunIdLine runId={ref.runId} />
        <Button onClick={props.onClose}>{trans.__('Close')}</Button>
      </EmptyState>
    );
  }
  const { message, hint } = describeError(reason, trans);
  return (
    <ErrorState
      title={trans.__('The run could not be read')}
      message={message}
      hint={hint}
    >
      {canRetry(reason) && (
        <Button onClick={props.onRetry}>{trans.__('Try again')}</Button>
      )}
    </ErrorState>
  );
}
