import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITrackingServers } from '../servers/tokens';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import { mlflowIcon } from '../ui/icons';
import { IUiServices } from '../ui/plugin';
import { IViews } from '../ui/views';
import { MlflowPanel, PANEL_ID } from './panel';
import { IMlflowPanel } from './tokens';

namespace CommandIDs {
  export const show = 'mlflow:show-panel';
}

/** The side panel, empty: features add their sections. */
export const panelPlugin: JupyterFrontEndPlugin<IMlflowPanel> = {
  id: 'jupyter-mlflow:panel',
  description: 'The MLflow side panel.',
  autoStart: true,
  provides: IMlflowPanel,
  requires: [IUiServices, ITrackingServers, IViews],
  optional: [ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    ui: UiServices,
    servers: ITrackingServers,
    views: IViews,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): IMlflowPanel => {
    const trans = ui.translator.load(TRANSLATION_DOMAIN);
    const panel = new MlflowPanel(ui, servers, views);
    app.shell.add(panel, 'left', { rank: 600, type: 'MLflow' });
    restorer?.add(panel, PANEL_ID);

    const activate = (): void => {
      app.shell.activateById(PANEL_ID);
    };
    app.commands.addCommand(CommandIDs.show, {
      label: trans.__('Show MLflow Panel'),
      icon: mlflowIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: activate
    });
    palette?.addItem({ command: CommandIDs.show, category: trans.__('MLflow') });

    if (new URLSearchParams(window.location.search).has('mlflow-panel')) {
      void app.restored.then(activate);
    }
    return { addSection: section => panel.addSection(section), activate };
  }
};
