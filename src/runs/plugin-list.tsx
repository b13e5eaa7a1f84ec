import {
  ILabShell,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ISelectedExperiment } from '../experiments/tokens';
import { IMlflowPanel } from '../panel/tokens';
import { ITrackingServers } from '../servers/tokens';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import { once } from '../ui/once';
import { IUiServices } from '../ui/plugin';
import { followSettings } from '../ui/settings';
import { lastingState } from '../ui/state';
import { IViews } from '../ui/views';
import { IRunTarget } from './commands-tokens';
import { addRunCommands } from './commands';
import { CommandIDs } from './ids';
import { RunSettings } from './settings';
import { RunListModel } from './list-model';
import { memoryOf } from './memory';
import type { RunTarget } from './target';
import { IRunTools, type RunTools } from './tools';

/** Lines of the list and rows of the table. */
const RUN = '.jp-mlflow-RunItem';

const PLUGIN_ID = 'jupyter-mlflow:runs';

/** The panel's section of runs, and the commands about runs. */
export const runListPlugin: JupyterFrontEndPlugin<RunTools> = {
  id: PLUGIN_ID,
  description: 'Runs of the selected experiment.',
  autoStart: true,
  provides: IRunTools,
  requires: [
    IUiServices,
    IMlflowPanel,
    ITrackingServers,
    ISelectedExperiment,
    IViews,
    IRunTarget
  ],
  optional: [IStateDB, ICommandPalette, ISettingRegistry, ILabShell],
  activate: (
    app: JupyterFrontEnd,
    ui: UiServices,
    panel: IMlflowPanel,
    servers: ITrackingServers,
    selection: ISelectedExperiment,
    views: IViews,
    target: RunTarget,
    stateDB: IStateDB | null,
    palette: ICommandPalette | null,
    registry: ISettingRegistry | null,
    labShell: ILabShell | null
  ): RunTools => {
    const trans = ui.translator.load(TRANSLATION_DOMAIN);
    const memory = memoryOf(
      lastingState(labShell, stateDB, app.serviceManager.serverSettings.baseUrl)
    );
    const model = new RunListModel(memory);
    const actions = once(async () => {
      const { RunActions } = await import('./actions');
      return new RunActions({ servers, trans });
    });
    addRunCommands({
      commands: app.commands,
      palette,
      trans,
      servers,
      selection,
      views,
      model,
      target,
      actions
    });

    [
      CommandIDs.open,
      CommandIDs.rename,
      CommandIDs.copyId,
      CommandIDs.copyLink
    ].forEach((command, rank) =>
      app.contextMenu.addItem({ command, selector: RUN, rank })
    );
    app.contextMenu.addItem({ type: 'separator', selector: RUN, rank: 10 });
    app.contextMenu.addItem({
      command: CommandIDs.remove,
      selector: RUN,
      rank: 11
    });
    app.contextMenu.addItem({
      command: CommandIDs.restore,
      selector: RUN,
      rank: 12
    });

    const settings = new RunSettings();
    followSettings(registry, app.restored, PLUGIN_ID, values => {
      settings.apply(values);
    });

    panel.addSection({
      id: 'runs',
      title: trans.__('Runs'),
      rank: 20,
      load: async () => {
        const [{ default: Section }, loaded] = await Promise.all([
          import('./section'),
          actions()
        ]);
        const services = { model, actions: loaded, selection, views, target };
        return () => <Section services={services} />;
      }
    });
    return { actions, memory, settings };
  }
};
