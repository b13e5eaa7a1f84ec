import type { ITrackingServers } from '../servers';
import { isStopped, problemOf, stateText } from '../servers/words';
import { useTrans } from '../ui/context';
import { mlflowIcon } from '../ui/icons';
import { useSignalValue } from '../ui/signals';

/**
 * "MLflow" until the panel was first shown; then the current server's state and version, and what is wrong as a
 * tooltip. Asks nobody anything: it shows what is known.
 */
export function StatusItem(props: {
  servers: ITrackingServers;
  onOpen: () => void;
}): JSX.Element {
  const { servers, onOpen } = props;
  const trans = useTrans();
  const server = useSignalValue(servers.changed, () => servers.current);
  const health = useSignalValue(servers.changed, () => servers.health);
  const label = trans.__('MLflow');
  const state = server ? stateText(server, health, trans) : '';
  const isIll =
    server !== null &&
    !isStopped(server, health) &&
    ['failed', 'signed-out'].includes(health.state);
  const facts = server
    ? [
        health.version === null ? label : trans.__('MLflow %1', health.version),
        state
      ]
    : [label];
  const problem = server ? problemOf(server, health) : null;
  const tooltip = server
    ? [server.name, problem?.message ?? state, problem?.hint ?? '']
        .filter(Boolean)
        .join('\n')
    : trans.__('Show the MLflow panel');
  return (
    <button
      type="button"
      className={`jp-mlflow-StatusItem-button${isIll ? ' jp-mod-ill' : ''}`}
      title={tooltip}
      onClick={onOpen}
    >
      <mlflowIcon.react
        tag="span"
        elementPosition="center"
        elementSize="small"
        aria-hidden="true"
      />
      <span className="jp-StatusBar-TextItem">{facts.join(' · ')}</span>
    </button>
  );
}
