import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IMlflowWidgets } from '../tokens';
import { linkTo } from './link';
import { LiveModels } from './models';
import { WIDGETS_MODULE, WIDGETS_VERSION } from './version';

/** The base of ipywidgets, which JupyterLab shares where their extension is installed; null where it is not. */
async function ipywidgetsBase() {
  try {
    return await import('@jupyter-widgets/base');
  } catch {
    return null;
  }
}

/**
 * Outputs of kernels with ipywidgets tell Python what the person does in them.
 *
 * The token of the registry is a part of ipywidgets, so that it cannot stand among `optional`. The plugin waits for it, as
 * notebooks that are restored ask for their widgets at once.
 */
export const ipywidgetsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlflow:ipywidgets',
  description: 'Models and views of the ipywidgets of jupyter_mlflow.',
  autoStart: true,
  requires: [IMlflowWidgets],
  activate: async (app: JupyterFrontEnd, widgets: IMlflowWidgets) => {
    const base = await ipywidgetsBase();
    const registry =
      base && (await app.resolveOptionalService(base.IJupyterWidgetRegistry));
    if (!registry) {
      return;
    }
    const models = new LiveModels();
    registry.registerWidget({
      name: WIDGETS_MODULE,
      version: WIDGETS_VERSION,
      exports: async () => {
        const { widgetClasses } = await import('./classes');
        return widgetClasses({ widgets, models });
      }
    });
    widgets.setLink(linkTo(models));
  }
};
