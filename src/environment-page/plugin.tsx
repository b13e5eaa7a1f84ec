import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { Suspense } from 'react';
import { IKernelspecActions } from '../environments/kernelspec-tokens';
import { IEnvironmentActions } from '../environments/tokens';
import { IKernelEnvironments } from '../kernel/tokens';
import { lateView } from '../servers/late';
import { ITrackingServers } from '../servers/tokens';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import { mlflowIcon } from '../ui/icons';
import { IUiServices } from '../ui/plugin';
import { LoadingState } from '../ui/states';
import { IViews } from '../ui/views';

const VIEW = 'environments';
const CommandIDs = { open: 'mlflow:open-environments' } as const;

/** The environments and kernels of the machine as a page in the main area. */
export const environmentPagePlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlflow:environment-page',
  description: 'A page of Python environments and kernels.',
  autoStart: true,
  requires: [
    IUiServices,
    IViews,
    ITrackingServers,
    IKernelEnvironments,
    IEnvironmentActions,
    IKernelspecActions
  ],
  optional: [ICommandPalette, INotebookTracker, IConsoleTracker],
  activate: (
    app: JupyterFrontEnd,
    ui: UiServices,
    views: IViews,
    servers: ITrackingServers,
    kernels: IKernelEnvironments,
    actions: IEnvironmentActions,
    kernelspecs: IKernelspecActions,
    palette: ICommandPalette | null,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null
  ) => {
    const trans = ui.translator.load(TRANSLATION_DOMAIN);
    const Page = lateView(servers, async () => {
      const { environmentPage } = await import('./wiring');
      return environmentPage(app, {
        ui,
        kernels,
        actions,
        kernelspecs,
        notebooks,
        consoles
      });
    });
    views.register(VIEW, {
      label: trans.__('Environments'),
      icon: mlflowIcon,
      inPanel: false,
      create: () => (
        <Suspense
          fallback={
            <LoadingState label={trans.__('Loading the environments')} />
          }
        >
          <Page />
        </Suspense>
      )
    });
    app.commands.addCommand(CommandIDs.open, {
      label: trans.__('Environments and Kernels'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        views.open({ kind: VIEW, serverId: '', args: {} });
      }
    });
    palette?.addItem({
      command: CommandIDs.open,
      category: trans.__('MLflow')
    });
  }
};
