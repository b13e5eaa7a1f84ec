import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { experimentsPlugin } from './experiments/plugin';
import { selectedExperimentPlugin } from './experiments/plugin-selection';
import { notebookRunsPlugin } from './notebook-runs/plugin';
import { panelPlugin } from './panel/plugin';
import { statusPlugin } from './panel/status-plugin';
import { runListPlugin } from './runs/plugin-list';
import { runPagePlugin, runTargetPlugin } from './runs/plugin-page';
import { runTablePlugin } from './runs/plugin-table';
import { serversPlugin } from './servers/plugin';
import { uiServicesPlugin, viewsPlugin } from './ui/plugin';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- JupyterLab's own type of a list of plugins
const plugins: JupyterFrontEndPlugin<any>[] = [
  uiServicesPlugin,
  viewsPlugin,
  serversPlugin,
  panelPlugin,
  statusPlugin,
  selectedExperimentPlugin,
  experimentsPlugin,
  runTargetPlugin,
  runListPlugin,
  runTablePlugin,
  runPagePlugin,
  notebookRunsPlugin
];

export default plugins;
