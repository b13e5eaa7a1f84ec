import { useServers, type ITrackingServers } from '../servers';
import { useTrans } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import { EmptyState, ErrorState, LoadingState } from '../ui/states';
import type { IViews } from '../ui/views';

/** What the panel shows below its header. */
export type Stage = 'loading' | 'error' | 'empty' | 'view' | 'sections';

export function panelStage(servers: ITrackingServers, views: IViews): Stage {
  if (views.panelView) {
    return 'view';
  }
  if (servers.current) {
    return 'sections';
  }
  if (servers.error) {
    return 'error';
  }
  return servers.isLoading ? 'loading' : 'empty';
}

/** Everything the panel shows instead of its sections. */
export function PanelStage(props: { views: IViews }): JSX.Element | null {
  const { views } = props;
  const trans = useTrans();
  const servers = useServers();
  const view = useSignalValue(views.panelViewChanged, () => views.panelView);
  const stage = useSignalValue(servers.changed, () => panelStage(servers, views));
  if (view) {
    return (
      <div className="jp-mlflow-Drill">
        <button className="jp-mlflow-Drill-back" onClick={() => views.back()}>
          {trans.__('← Back')}
        </button>
        {views.render(view, { setTitle: () => undefined, close: () => views.back() })}
      </div>
    );
  }
  switch (stage) {
    case 'loading':
      return <LoadingState label={trans.__('Looking for tracking servers')} />;
    case 'error':
      return (
        <ErrorState
          title={trans.__('The MLflow extension of the Jupyter server does not answer')}
          message={servers.error?.message ?? ''}
          hint={servers.error?.hint}
        />
      );
    case 'empty':
      return <EmptyState title={trans.__('No tracking server yet')} />;
    default:
      return null;
  }
}
