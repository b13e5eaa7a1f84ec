import { useQuery } from '@tanstack/react-query';
import { linkIcon } from '@jupyterlab/ui-components';
import { type ReactNode } from 'react';
import { Button } from '../ui/buttons';
import { CopyButton } from '../ui/clipboard';
import { useTrans, useUi, useVisible } from '../ui/context';
import { Time } from '../ui/time';
import { ServerCommandIDs } from './command-ids';
import { useHealth, useServers } from './context';
import type { TrackingServer } from './tokens';
import { documentationUrl, latencyText } from './words';
import { clientOf } from './client';

/** Where a remote server keeps files, as far as an experiment of its tells; null until one did. */
function useArtifactRoot(server: TrackingServer): string | null {
  const servers = useServers();
  const visible = useVisible();
  const connected = useHealth().state === 'connected';
  const query = useQuery({
    queryKey: [server.id, 'artifact-root'],
    enabled: visible && connected && server.store === null,
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const page = await clientOf(servers, server.id).experiments.search(
        { maxResults: 1 },
        signal
      );
      return page.items.at(0)?.artifactLocation ?? null;
    }
  });
  return query.data ?? null;
}

function Fact(props: { name: string; children: ReactNode }): JSX.Element {
  return (
    <div className="jp-mlflow-Details-fact">
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function External(props: { href: string; children: ReactNode }): JSX.Element {
  return (
    <a
      className="jp-mlflow-Link"
      href={props.href}
      target="_blank"
      rel="noopener noreferrer"
    >
      {props.children}
      <linkIcon.react tag="span" elementSize="small" aria-hidden="true" />
    </a>
  );
}

/** The card of a server: where runs and files are kept, how it is reached, its version, and what can be done. */
export function ServerDetails(props: { server: TrackingServer }): JSX.Element {
  const { server } = props;
  const trans = useTrans();
  const { commands } = useUi();
  const health = useHealth();
  const root = useArtifactRoot(server);
  const documentation = documentationUrl(health.version);
  const local = server.kind === 'local';
  const files =
    server.store?.artifacts ??
    (root === null
      ? trans.__('where the server decides')
      : root.startsWith('mlflow-artifacts:')
        ? trans.__('by the server, which passes them on (%1)', root)
        : root);
  const origin = {
    config: trans.__('the administrator’s configuration'),
    environment: trans.__('MLFLOW_TRACKING_URI of the Jupyter server'),
    user: trans.__('you')
  }[server.origin];
  const run = (id: string) => () => {
    void commands.execute(id, { serverId: server.id });
  };
  return (
    <section
      className="jp-mlflow-Details"
      aria-label={trans.__('Details of the tracking server')}
    >
      <dl>
        <Fact name={trans.__('Runs are kept in')}>
          {server.store?.runs ?? server.uri}
        </Fact>
        <Fact name={trans.__('Files are kept in')}>{files}</Fact>
        <Fact name={trans.__('Reached')}>
          {local
            ? trans.__(
                'It is started by Jupyter on this machine, and stops with it.'
              )
            : trans.__('Through Jupyter, at %1', server.uri)}
        </Fact>
        <Fact name={trans.__('Version')}>
          {health.version === null ? (
            trans.__('not known')
          ) : documentation === null ? (
            health.version
          ) : (
            <External href={documentation}>
              {trans.__('%1, its documentation', health.version)}
            </External>
          )}
        </Fact>
        {health.latency !== null ? (
          <Fact name={trans.__('Answers in')}>
            {latencyText(health.latency, trans)}
          </Fact>
        ) : null}
        {health.lastAnswer !== null ? (
          <Fact name={trans.__('Last seen')}>
            <Time time={health.lastAnswer} />
          </Fact>
        ) : null}
        <Fact name={trans.__('Added by')}>{origin}</Fact>
        <Fact name={trans.__('Address')}>
          <span className="jp-mlflow-Details-copy">
            <code>{server.uri}</code>
            <CopyButton
              text={server.uri}
              label={trans.__('Copy the address')}
            />
          </span>
        </Fact>
      </dl>
      <div className="jp-mlflow-State-actions">
        {server.page !== null ? (
          <External href={server.page}>
            {trans.__('Open MLflow’s own page')}
          </External>
        ) : null}
      </div>
      <div className="jp-mlflow-State-actions">
        {local && (server.state === 'ready' || server.state === 'starting') ? (
          <Button onClick={run(ServerCommandIDs.stop)}>
            {trans.__('Stop…')}
          </Button>
        ) : null}
        {local && (server.state === 'stopped' || server.state === 'failed') ? (
          <Button onClick={run(ServerCommandIDs.start)}>
            {trans.__('Start')}
          </Button>
        ) : null}
        {server.removable ? (
          <>
            <Button onClick={run(ServerCommandIDs.edit)}>
              {trans.__('Change…')}
            </Button>
            <Button onClick={run(ServerCommandIDs.remove)}>
              {trans.__('Remove…')}
            </Button>
          </>
        ) : null}
      </div>
    </section>
  );
}
