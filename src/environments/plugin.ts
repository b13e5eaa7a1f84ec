import {
  ILabShell,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { Signal } from '@lumino/signaling';
import { IKernelEnvironments } from '../kernel/tokens';
import { ITrackingServers } from '../servers/tokens';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import { once } from '../ui/once';
import { IUiServices } from '../ui/plugin';
import { lastingState } from '../ui/state';
import { IEnvironmentActions, JOBS_KEY, type KernelHolder } from './tokens';

const CommandIDs = { create: 'mlflow:create-environment' } as const;

/** Provides what is done to environments and kernels; all of it is loaded when it is first wanted. */
export const environmentsPlugin: JupyterFrontEndPlugin<IEnvironmentActions> = {
  id: 'jupyter-mlflow:environments',
  description: 'Makes and mends Python environments and kernels.',
  autoStart: true,
  provides: IEnvironmentActions,
  requires: [IUiServices, ITrackingServers, IKernelEnvironments],
  optional: [
    INotebookTracker,
    IConsoleTracker,
    ICommandPalette,
    IStateDB,
    ILabShell
  ],
  activate: (
    app: JupyterFrontEnd,
    ui: UiServices,
    servers: ITrackingServers,
    kernels: IKernelEnvironments,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    palette: ICommandPalette | null,
    stateDB: IStateDB | null,
    labShell: ILabShell | null
  ): IEnvironmentActions => {
    const trans = ui.translator.load(TRANSLATION_DOMAIN);
    const { serverSettings, kernelspecs } = app.serviceManager;
    const state = lastingState(labShell, stateDB, serverSettings.baseUrl);
    const ended = new Signal<object, void>({});

    const find = (path: string): KernelHolder | null => {
      const panel = notebooks?.find(each => each.sessionContext.path === path);
      const context =
        panel?.sessionContext ??
        consoles?.find(each => each.sessionContext.path === path)
          ?.sessionContext;
      return context
        ? {
            context,
            watch: kernels.of(context),
            notebook: panel?.context.localPath ?? null
          }
        : null;
    };
    const active = (): KernelHolder | null => {
      const context = notebooks?.currentWidget?.sessionContext;
      return context ? find(context.path) : null;
    };

    const actions = once(async () => {
      const [{ EnvironmentActions }, { JobsApi }, { EnvironmentsApi }] =
        await Promise.all([
          import('./actions'),
          import('../jobs'),
          import('./api')
        ]);
      return new EnvironmentActions({
        ui,
        servers,
        state,
        find,
        jobs: new JobsApi(serverSettings),
        environments: new EnvironmentsApi(serverSettings),
        refreshKernels: () => kernelspecs.refreshSpecs(),
        onEnded: () => ended.emit(),
        sources: on => {
          const panel = notebooks?.find(
            each => each.sessionContext === on.context
          );
          return [...(panel?.content.model?.cells ?? [])]
            .filter(cell => cell.type === 'code')
            .map(cell => cell.sharedModel.getSource());
        }
      });
    });

    app.commands.addCommand(CommandIDs.create, {
      label: trans.__('Create an Environment with MLflow…'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => (await actions()).create(null, active())
    });
    for (const command of Object.values(CommandIDs)) {
      palette?.addItem({ command, category: trans.__('MLflow') });
    }

    void app.restored
      .then(async () => {
        const tickets = await state.fetch(JOBS_KEY);
        if (Array.isArray(tickets) && tickets.length > 0) {
          await (await actions()).resume();
        }
      })
      .catch(() => undefined);

    return {
      create: async (wish, on) => (await actions()).create(wish, on),
      run: async (order, label, on, module) =>
        (await actions()).run(order, label, on, module),
      switchKernel: async (name, on) =>
        (await actions()).switchKernel(name, on),
      ended
    };
  }
};
