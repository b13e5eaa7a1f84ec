import { Button } from '../ui/buttons';
import { useTrans, useUi } from '../ui/context';
import { ServerCommandIDs } from './command-ids';
import { useServers } from './context';
import type { Health, Problem, TrackingServer } from './tokens';
import { isStopped } from './words';

/** Codes of a local server that another environment would mend. */
const NEEDS_MLFLOW: ReadonlyArray<string> = ['no-mlflow', 'mlflow-missing'];

/** The buttons that help against what is wrong with a server; the likeliest first. */
export function ProblemActions(props: {
  server: TrackingServer;
  health: Health;
  problem: Problem | null;
}): JSX.Element | null {
  const { server, health, problem } = props;
  const trans = useTrans();
  const servers = useServers();
  const { commands } = useUi();
  const run = (id: string) => () => {
    void commands.execute(id, { serverId: server.id });
  };
  const stopped = isStopped(server, health);
  const code = problem?.code ?? '';
  const signIn =
    server.removable &&
    (health.state === 'signed-out' || code === 'upstream-forbidden');
  const edit = server.removable && server.kind === 'remote' && !signIn;
  const upgrade = code === 'store-would-migrate';
  const install = NEEDS_MLFLOW.includes(code) && servers.features.jobs;
  const start =
    server.kind === 'local' && health.state !== 'starting' && !upgrade;
  return (
    <div className="jp-mlflow-State-actions">
      {upgrade ? (
        <Button look="accept" onClick={run(ServerCommandIDs.migrate)}>
          {trans.__('Back up and upgrade…')}
        </Button>
      ) : null}
      {install ? (
        <Button look="accept" onClick={run(ServerCommandIDs.createEnvironment)}>
          {trans.__('Install MLflow…')}
        </Button>
      ) : null}
      {signIn ? (
        <Button look="accept" onClick={run(ServerCommandIDs.edit)}>
          {trans.__('Sign in…')}
        </Button>
      ) : null}
      {start ? (
        <Button
          look={install ? undefined : 'accept'}
          onClick={run(ServerCommandIDs.start)}
        >
          {stopped ? trans.__('Start') : trans.__('Start again')}
        </Button>
      ) : null}
      {server.kind === 'remote' ? (
        <Button
          look={signIn ? undefined : 'accept'}
          onClick={() => {
            servers.probe();
          }}
        >
          {trans.__('Try again')}
        </Button>
      ) : null}
      {edit ? (
        <Button onClick={run(ServerCommandIDs.edit)}>
          {trans.__('Change…')}
        </Button>
      ) : null}
    </div>
  );
}
