import { useCurrentServer, useLiveQuery, useServers } from '../servers';
import { useTrans } from '../ui/context';
import { EmptyState, ErrorState, LoadingState } from '../ui/states';
import { experimentKeys } from './queries';

/** The experiments of the current server. */
export function ExperimentsSection(): JSX.Element | null {
  const server = useCurrentServer();
  return server ? (
    <ExperimentList key={server.id} serverId={server.id} />
  ) : null;
}

function ExperimentList(props: { serverId: string }): JSX.Element {
  const { serverId } = props;
  const trans = useTrans();
  const servers = useServers();
  const list = useLiveQuery({
    serverId,
    queryKey: experimentKeys.list(serverId),
    queryFn: signal =>
      servers.client(serverId).experiments.search({ maxResults: 1000 }, signal)
  });
  if (list.isPending) {
    return <LoadingState label={trans.__('Loading experiments')} />;
  }
  if (list.isError && !list.data) {
    return (
      <ErrorState
        title={trans.__('The experiments could not be read')}
        message={list.error.message}
      />
    );
  }
  const experiments = list.data?.items ?? [];
  return experiments.length === 0 ? (
    <EmptyState title={trans.__('No experiments')} />
  ) : (
    <ul className="jp-mlflow-Experiments">
      {experiments.map(experiment => (
        <li key={experiment.id} data-mlflow-experiment-id={experiment.id}>
          {experiment.name}
        </li>
      ))}
    </ul>
  );
}
