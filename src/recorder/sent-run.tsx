import { useServers } from '../servers';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import type { Execution } from './answers';
import { useRecorder } from './context';

/** Opens the run as which an execution was sent; nothing where it was not, or its server is not of the list any more. */
export function SentRun(props: { execution: Execution }): JSX.Element | null {
  const { sending, sent_run, target } = props.execution;
  const trans = useTrans();
  const { views } = useRecorder();
  const servers = useServers();
  const serverId = target?.server_id ?? '';
  const isKnown = useSignalValue(servers.changed, () =>
    servers.servers.some(({ id }) => id === serverId)
  );
  if (sending !== 'sent' || sent_run === null || !isKnown) {
    return null;
  }
  return (
    <Button
      onClick={() => {
        views.open({ kind: 'run', serverId, args: { runId: sent_run } });
      }}
    >
      {trans.__('Open it in MLflow')}
    </Button>
  );
}
