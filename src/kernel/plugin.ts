import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { once } from '../ui/once';
import { KernelEnvironments } from './environments';
import { IKernelEnvironments } from './tokens';

/** Provides the environments of kernels: what the kernel of the active notebook or console reports. */
export const kernelPlugin: JupyterFrontEndPlugin<IKernelEnvironments> = {
  id: 'jupyter-mlflow:kernel',
  description: 'What the kernels of notebooks and consoles report of MLflow.',
  autoStart: true,
  provides: IKernelEnvironments,
  optional: [INotebookTracker, IConsoleTracker],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null
  ): IKernelEnvironments => {
    const { contents, events, serverSettings } = app.serviceManager;
    return new KernelEnvironments({
      shell: app.shell,
      trackers: [notebooks, consoles].filter(each => each !== null),
      events: events.stream,
      localPath: path => contents.localPath(path),
      source: once(async () => {
        const { KernelsApi } = await import('./api');
        return new KernelsApi(serverSettings);
      })
    });
  }
};
