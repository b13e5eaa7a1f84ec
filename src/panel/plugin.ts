import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { EnvironmentJob } from '../servers/environment-job';
import { JobsApi } from '../jobs';
import { ITrackingServers } from '../servers/tokens';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import { mlflowIcon } from '../ui/icons';
import { IUiServices } from '../ui/plugin';
import { followSettings } from '../ui/settings';
import { lastingState } from '../ui/state';
import { IViews } from '../ui/views';
import { addServerCommands } from './commands';
import { LayoutKeeper } from './layout';
import { PanelModel } from './model';
import { MlflowPanel, PANEL_ID } from './panel';
import type { PanelSettings } from './settings.generated';
import { IMlflowPanel } from './tokens';

const PLUGIN_ID = 'jupyter-mlflow:panel';
/** Where a running job is remembered, so that a reload finds it again. */
const JOB_KEY = 'jupyter-mlflow:environment-job';
/** The address parameter that opens the panel. */
const PANEL_PARAMETER = 'mlflow-panel';

const CommandIDs = { show: 'mlflow:show-panel' } as const;

/** The side panel, empty: features add their sections. */
export const panelPlugin: JupyterFrontEndPlugin<IMlflowPanel> = {
  id: PLUGIN_ID,
  description: 'The MLflow side panel.',
  autoStart: true,
  provides: IMlflowPanel,
  requires: [IUiServices, ITrackingServers, IViews],
  optional: [
    ILayoutRestorer,
    ICommandPalette,
    IStateDB,
    ISettingRegistry,
    ILabShell
  ],
  activate: (
    app: JupyterFrontEnd,
    ui: UiServices,
    servers: ITrackingServers,
    views: IViews,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    stateDB: IStateDB | null,
    registry: ISettingRegistry | null,
    labShell: ILabShell | null
  ): IMlflowPanel => {
    const trans = ui.translator.load(TRANSLATION_DOMAIN);
    const { serverSettings } = app.serviceManager;
    const state = lastingState(labShell, stateDB, serverSettings.baseUrl);
    const job = new EnvironmentJob({
      api: new JobsApi(serverSettings),
      servers,
      remembered: async () => state.fetch(JOB_KEY),
      remember: ticket => {
        const done = ticket
          ? state.save(JOB_KEY, ticket)
          : state.remove(JOB_KEY);
        void done.catch(() => undefined);
      }
    });
    const model = new PanelModel(servers, views, job);
    const panel = new MlflowPanel(ui, servers, views, model);
    app.shell.add(panel, 'left', { rank: 600, type: 'MLflow' });
    restorer?.add(panel, PANEL_ID);

    const keeper = new LayoutKeeper(
      panel.accordion,
      () => panel.sections,
      state
    );
    // Features add their sections while they are activated.
    void app.restored.then(() => keeper.restore());

    const activate = (): void => {
      app.shell.activateById(PANEL_ID);
    };
    // What opens in the panel must be seen, also from a notebook beside it.
    views.panelViewChanged.connect(() => {
      if (views.panelView && !panel.isVisible) {
        activate();
      }
    });
    app.commands.addCommand(CommandIDs.show, {
      label: trans.__('Show MLflow Panel'),
      icon: mlflowIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: activate
    });
    const inPalette = addServerCommands({
      commands: app.commands,
      servers,
      panel: model,
      trans,
      show: activate
    });
    for (const command of [CommandIDs.show, ...inPalette]) {
      palette?.addItem({ command, category: trans.__('MLflow') });
    }

    followSettings(registry, app.restored, PLUGIN_ID, values => {
      const { timeFormat }: { timeFormat?: unknown } = values;
      if (ui.preferences && isTimeFormat(timeFormat)) {
        ui.preferences.timeFormat = timeFormat;
      }
    });

    if (new URLSearchParams(window.location.search).has(PANEL_PARAMETER)) {
      // Notebook 7 hides its left area again whenever a plugin adds to it.
      void Promise.all([app.restored, app.started]).then(activate);
    }
    return {
      addSection: section => {
        panel.addSection(section);
      },
      addHead: head => {
        panel.addHead(head);
      },
      activate
    };
  }
};

function isTimeFormat(
  value: unknown
): value is NonNullable<PanelSettings['timeFormat']> {
  return value === 'relative' || value === 'absolute';
}
