import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IKernelEnvironments } from '../kernel/tokens';
import { IMlflowPanel } from '../panel/tokens';
import { IRunTarget } from '../runs/commands-tokens';
import type { RunTarget } from '../runs/target';
import { IRunTools, type RunTools } from '../runs/tools';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import { IUiServices } from '../ui/plugin';
import { IViews } from '../ui/views';

/** The panel's section of runs that the active notebook made. */
export const notebookRunsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlflow:notebook-runs',
  description: 'Runs that the active notebook made.',
  autoStart: true,
  requires: [
    IUiServices,
    IMlflowPanel,
    IViews,
    IRunTarget,
    IRunTools,
    INotebookTracker
  ],
  optional: [IKernelEnvironments],
  activate: (
    app: JupyterFrontEnd,
    ui: UiServices,
    panel: IMlflowPanel,
    views: IViews,
    target: RunTarget,
    tools: RunTools,
    tracker: INotebookTracker,
    kernels: IKernelEnvironments | null
  ) => {
    const trans = ui.translator.load(TRANSLATION_DOMAIN);
    panel.addSection({
      id: 'notebook-runs',
      title: trans.__('This notebook'),
      rank: 40,
      size: 2,
      load: async () => {
        const { notebookRuns } = await import('./wiring');
        return notebookRuns(app, { views, target, tools, tracker, kernels });
      }
    });
  }
};
