import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ReactWidget } from '@jupyterlab/ui-components';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITrackingServers } from '../servers/tokens';
import { TRANSLATION_DOMAIN, UiProvider, type UiServices } from '../ui/context';
import { IUiServices } from '../ui/plugin';
import { StatusItem } from './status-item';
import { IMlflowPanel } from './tokens';

/** The item in the status bar, where there is one. */
export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlflow:status',
  description: 'How the current MLflow tracking server is, in the status bar.',
  autoStart: true,
  requires: [IUiServices, ITrackingServers, IMlflowPanel],
  optional: [IStatusBar],
  activate: (
    _: JupyterFrontEnd,
    ui: UiServices,
    servers: ITrackingServers,
    panel: IMlflowPanel,
    statusBar: IStatusBar | null
  ): void => {
    if (!statusBar) {
      return;
    }
    const item = ReactWidget.create(
      <UiProvider services={ui} visible={true}>
        <StatusItem servers={servers} onOpen={() => panel.activate()} />
      </UiProvider>
    );
    item.addClass('jp-mlflow-StatusItem');
    statusBar.registerStatusItem('jupyter-mlflow:status', {
      item,
      align: 'left',
      rank: 40,
      isActive: () => true
    });
    const trans = ui.translator.load(TRANSLATION_DOMAIN);
    item.title.label = trans.__('MLflow');
  }
};
