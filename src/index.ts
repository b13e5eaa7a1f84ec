import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { doctorPlugin } from './doctor/plugin';
import { remediesPlugin } from './doctor/remedies/plugin';
import { environmentPagePlugin } from './environment-page/plugin';
import { environmentsPlugin } from './environments/plugin';
import { kernelspecsPlugin } from './environments/plugin-kernelspecs';
import { experimentsPlugin } from './experiments/plugin';
import { selectedExperimentPlugin } from './experiments/plugin-selection';
import { kernelPlugin } from './kernel/plugin';
import { notebookRunsPlugin } from './notebook-runs/plugin';
import { panelPlugin } from './panel/plugin';
import { statusPlugin } from './panel/status-plugin';
import { recorderPlugin } from './recorder/plugin';
import { runListPlugin } from './runs/plugin-list';
import { runPagePlugin, runTargetPlugin } from './runs/plugin-page';
import { runTablePlugin } from './runs/plugin-table';
import { serversPlugin } from './servers/plugin';
import { uiServicesPlugin, viewsPlugin } from './ui/plugin';
import { ipywidgetsPlugin } from './widgets/ipywidgets/plugin';
import { widgetsPlugin } from './widgets/plugin';

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
  notebookRunsPlugin,
  recorderPlugin,
  widgetsPlugin,
  ipywidgetsPlugin,
  kernelPlugin,
  doctorPlugin,
  environmentsPlugin,
  kernelspecsPlugin,
  environmentPagePlugin,
  remediesPlugin
];

export default plugins;
