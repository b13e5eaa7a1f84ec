import type { TranslationBundle } from '@jupyterlab/translation';
import { useTrans } from '../ui/context';
import { useCurrentServer, useHealth } from './context';
import { FoldedLog } from '../ui/log';
import { ProblemActions } from './problem-actions';
import type { Health, TrackingServer } from './tokens';
import { isAway, isStopped, problemOf } from './words';

function titleOf(
  server: TrackingServer,
  health: Health,
  trans: TranslationBundle
): string {
  if (health.state === 'starting') {
    return trans.__('Starting the tracking server…');
  }
  if (isStopped(server, health)) {
    return trans.__('The tracking server is stopped');
  }
  if (health.state === 'signed-out') {
    return trans.__('Signed out');
  }
  if (server.kind === 'local') {
    return trans.__('The tracking server did not start');
  }
  return isAway(health.problem)
    ? trans.__('The tracking server does not answer')
    : trans.__('This is not working as a tracking server');
}

/** In place of the sections: a server that has not answered yet, why, and what to do. */
export function ServerTrouble(): JSX.Element | null {
  const trans = useTrans();
  const server = useCurrentServer();
  const health = useHealth();
  if (!server) {
    return null;
  }
  const starting =
    health.state === 'starting' ||
    (health.state !== 'failed' && server.state === 'starting');
  if (starting || health.state === 'connecting' || health.state === 'unknown') {
    return <Starting server={server} health={health} starting={starting} />;
  }
  const stopped = isStopped(server, health);
  const problem = problemOf(server, health);
  const error = !stopped;
  return (
    <div
      className={`jp-mlflow-State${error ? ' jp-mod-error' : ''}`}
      role={error ? 'alert' : 'status'}
    >
      <div className="jp-mlflow-State-title">
        {titleOf(server, health, trans)}
      </div>
      <div className="jp-mlflow-State-body">
        {stopped
          ? trans.__('Your runs stay in %1.', server.store?.runs ?? server.uri)
          : problem?.message}
      </div>
      {problem?.hint && !stopped ? (
        <div className="jp-mlflow-State-hint">{problem.hint}</div>
      ) : null}
      <ProblemActions server={server} health={health} problem={problem} />
      {problem?.log ? (
        <FoldedLog
          text={problem.log}
          label={trans.__('Log of the tracking server')}
        />
      ) : null}
      {error && isAway(problem) ? (
        <div className="jp-mlflow-State-hint">
          {trans.__('It is asked again by itself.')}
        </div>
      ) : null}
    </div>
  );
}

function Starting(props: {
  server: TrackingServer;
  health: Health;
  starting: boolean;
}): JSX.Element {
  const { server, health, starting } = props;
  const trans = useTrans();
  const problem = starting ? problemOf(server, health) : null;
  const told = problem && problem.code !== 'server-starting' ? problem : null;
  return (
    <div className="jp-mlflow-State">
      <div className="jp-mlflow-State-title" role="status">
        {starting
          ? trans.__('Starting the tracking server…')
          : trans.__('Connecting…')}
      </div>
      <progress
        className="jp-mlflow-Progress"
        aria-label={trans.__('The tracking server is starting')}
      />
      <div className="jp-mlflow-State-body">
        {starting
          ? trans.__(
              'MLflow takes some seconds to start over %1.',
              server.store?.runs ?? server.uri
            )
          : server.uri}
      </div>
      {told ? <div className="jp-mlflow-State-hint">{told.message}</div> : null}
      {problem?.log ? (
        <FoldedLog
          text={problem.log}
          label={trans.__('Log of the tracking server')}
        />
      ) : null}
    </div>
  );
}
