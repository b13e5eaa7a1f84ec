import { useQuery } from '@tanstack/react-query';
import {
  clientOf,
  type TrackingServer,
  useCurrentServer,
  useServers
} from '../servers';
import { Button } from '../ui/buttons';
import { useTrans, useVisible } from '../ui/context';
import { formatMetric } from '../ui/format';
import { StatusIcon } from '../ui/status';
import type { Execution } from './answers';
import { useRecorder } from './context';

/** Metrics that are named beside a run. */
const METRICS = 3;
/** Runs of one execution that are drawn; a cell may start thousands. */
const MOST_RUNS = 20;

/** The runs that an execution started, with their first metrics. */
export function RunsOf(props: { execution: Execution }): JSX.Element {
  const { runs, run_uris } = props.execution;
  const trans = useTrans();
  const more = runs.length - MOST_RUNS;
  return (
    <div className="jp-mlflow-Execution-runs">
      <h3>{trans.__('Runs that it started')}</h3>
      <ul aria-label={trans.__('Runs that it started')}>
        {runs.slice(0, MOST_RUNS).map(id => (
          <li key={id}>
            <RunLine runId={id} uri={run_uris[id] ?? null} />
          </li>
        ))}
      </ul>
      {more > 0 && <p>{trans.__('and %1 more', more)}</p>}
    </div>
  );
}

/** The server that a run's kernel logged to, where it is one of the list; without a hint, that of the panel. */
function useServerOf(uri: string | null): TrackingServer | null {
  const servers = useServers();
  const current = useCurrentServer();
  const known = servers.servers.find(each => each.uri === uri);
  return known ?? current;
}

function RunLine(props: { runId: string; uri: string | null }): JSX.Element {
  const { runId, uri } = props;
  const trans = useTrans();
  const visible = useVisible();
  const servers = useServers();
  const server = useServerOf(uri);
  const { views } = useRecorder();
  const { data: run, isError } = useQuery({
    queryKey: [server?.id, 'recorder', 'run', runId],
    enabled: visible && server !== null,
    retry: false,
    queryFn: ({ signal }) =>
      clientOf(servers, server?.id ?? '').runs.get(runId, signal)
  });
  if (server === null || isError) {
    return (
      <span title={uri ?? undefined}>
        {trans.__('Run %1, on a server that is not reached here', runId)}
      </span>
    );
  }
  const metrics = [...(run?.metrics ?? [])].slice(0, METRICS);
  return (
    <>
      {run && <StatusIcon status={run.info.status} />}
      <Button
        look="link"
        onClick={() => {
          views.open({ kind: 'run', serverId: server.id, args: { runId } });
        }}
      >
        {run?.info.name || runId.slice(0, 8)}
      </Button>
      {metrics.map(([key, { value }]) => (
        <span key={key} className="jp-mlflow-Execution-metric">
          {key} <b>{formatMetric(value)}</b>
        </span>
      ))}
    </>
  );
}
