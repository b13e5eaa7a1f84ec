import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Suspense, type ComponentProps } from 'react';
import { lateView } from '../servers/late';
import { ITrackingServers } from '../servers/tokens';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import { mlflowIcon } from '../ui/icons';
import { IUiServices } from '../ui/plugin';
import { EmptyState, LoadingState } from '../ui/states';
import { IViews } from '../ui/views';
import { IRunTarget } from './commands-tokens';
import type { RunTarget } from './target';
import { IRunTools, type RunTools } from './tools';

/** The runs of an experiment as a table in the main area. */
export const runTablePlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlflow:run-table',
  description: 'A table of the runs of an MLflow experiment.',
  autoStart: true,
  requires: [IUiServices, ITrackingServers, IViews, IRunTools, IRunTarget],
  activate: (
    _: JupyterFrontEnd,
    ui: UiServices,
    servers: ITrackingServers,
    views: IViews,
    tools: RunTools,
    target: RunTarget
  ) => {
    const trans = ui.translator.load(TRANSLATION_DOMAIN);
    const Table = lateView(servers, async () => {
      const [{ default: Content }, actions] = await Promise.all([
        import('./table/view'),
        tools.actions()
      ]);
      const services = { ...tools, actions, views, target };
      return (props: Omit<ComponentProps<typeof Content>, 'services'>) => (
        <Content {...props} services={services} />
      );
    });
    views.register('run-table', {
      label: trans.__('Runs'),
      icon: mlflowIcon,
      inPanel: false,
      create: (address, host) => (
        <Suspense fallback={<LoadingState label={trans.__('Loading runs')} />}>
          {address.args.experimentId ? (
            <Table
              serverId={address.serverId}
              experimentId={address.args.experimentId}
              host={host}
            />
          ) : (
            <EmptyState title={trans.__('This address names no experiment')} />
          )}
        </Suspense>
      )
    });
  }
};
