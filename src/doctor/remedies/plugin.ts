import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IKernelspecActions } from '../../environments/kernelspec-tokens';
import { IEnvironmentActions } from '../../environments/tokens';
import { ITrackingServers } from '../../servers/tokens';
import { whenRead } from '../../servers/when-read';
import { TRANSLATION_DOMAIN, type UiServices } from '../../ui/context';
import { once } from '../../ui/once';
import { IUiServices } from '../../ui/plugin';
import { IRemedies } from '../remedy-tokens';
import { isJob, remedyLabel } from './words';

/** Provides what the doctor proposes; how it is done is loaded at the first click. */
export const remediesPlugin: JupyterFrontEndPlugin<IRemedies> = {
  id: 'jupyter-mlflow:remedies',
  description: 'Does what the doctor of kernels proposes.',
  autoStart: true,
  provides: IRemedies,
  requires: [
    IUiServices,
    ITrackingServers,
    IEnvironmentActions,
    IKernelspecActions
  ],
  activate: (
    app: JupyterFrontEnd,
    ui: UiServices,
    servers: ITrackingServers,
    actions: IEnvironmentActions,
    kernelspecs: IKernelspecActions
  ): IRemedies => {
    const trans = ui.translator.load(TRANSLATION_DOMAIN);
    const { serverSettings, contents, kernelspecs: specs } = app.serviceManager;
    const runner = once(async () => {
      const [{ RemedyRunner }, { KernelsApi }, { NotebookWishesApi }] =
        await Promise.all([
          import('./run'),
          import('../../kernel/api'),
          import('./notebook-wishes')
        ]);
      return new RemedyRunner({
        ui,
        actions,
        kernelspecs,
        servers,
        contents,
        kernels: new KernelsApi(serverSettings),
        kernelNames: () => Object.keys(specs.specs?.kernelspecs ?? {}),
        remember: (notebook, serverId) =>
          new NotebookWishesApi(serverSettings).remember(notebook, serverId)
      });
    });
    return {
      get isReady(): boolean {
        return !servers.isLoading;
      },
      ready: () => whenRead(servers),
      label: remedy => remedyLabel(remedy, trans),
      refusal: remedy =>
        isJob(remedy) && !servers.features.jobs
          ? trans.__(
              'The administrator of this Jupyter server has turned jobs off; the commands can be typed into a terminal.'
            )
          : null,
      run: async (remedy, on) => (await runner()).run(remedy, on)
    };
  }
};
