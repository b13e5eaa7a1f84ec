import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import type { UiServices } from '../ui/context';
import { once } from '../ui/once';
import { IUiServices } from '../ui/plugin';
import { IKernelspecActions } from './kernelspec-tokens';
import { IEnvironmentActions } from './tokens';

/** Provides what is done to kernelspecs; loaded when it is first wanted. */
export const kernelspecsPlugin: JupyterFrontEndPlugin<IKernelspecActions> = {
  id: 'jupyter-mlflow:kernelspecs',
  description: 'Repairs and removes kernels.',
  autoStart: true,
  provides: IKernelspecActions,
  requires: [IUiServices, IEnvironmentActions],
  activate: (
    app: JupyterFrontEnd,
    ui: UiServices,
    environments: IEnvironmentActions
  ): IKernelspecActions => {
    const { serverSettings } = app.serviceManager;
    const actions = once(async () => {
      const [{ KernelspecActions }, { EnvironmentsApi }] = await Promise.all([
        import('./kernelspec-actions'),
        import('./api')
      ]);
      return new KernelspecActions({
        ui,
        run: environments.run,
        environments: new EnvironmentsApi(serverSettings)
      });
    });
    return {
      repair: async (name, on) => (await actions()).repair(name, on),
      remove: async (name, resourceDir, on) =>
        (await actions()).remove(name, resourceDir, on)
    };
  }
};
