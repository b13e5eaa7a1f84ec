import { useHealth, useServers } from '../servers';
import { useTrans } from '../ui/context';
import { useSignalValue } from '../ui/signals';

/** The server switcher and one line on how the current server is. */
export function PanelHeader(): JSX.Element | null {
  const trans = useTrans();
  const servers = useServers();
  const list = useSignalValue(servers.changed, () => servers.servers);
  const current = useSignalValue(servers.changed, () => servers.current);
  const health = useHealth();
  if (!current) {
    return null;
  }
  return (
    <div
      className="jp-mlflow-Header"
      data-mlflow-server={current.id}
      data-state={health.state === 'connected' ? 'connected' : health.state === 'failed' ? 'failed' : 'connecting'}
    >
      <select
        aria-label={trans.__('Tracking server')}
        value={current.id}
        onChange={event => servers.select(event.target.value)}
      >
        {list.map(server => (
          <option key={server.id} value={server.id}>
            {server.name}
          </option>
        ))}
      </select>
      <div role="status">{health.problem?.message ?? (health.version ? `MLflow ${health.version}` : '')}</div>
    </div>
  );
}
