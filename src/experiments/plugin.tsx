import {
  ILabShell,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IStateDB } from '@jupyterlab/statedb';
import { IMlflowPanel } from '../panel/tokens';
import { ITrackingServers } from '../servers/tokens';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import { once } from '../ui/once';
import { IUiServices } from '../ui/plugin';
import { lastingState } from '../ui/state';
import { addExperimentCommands } from './commands';
import { CommandIDs } from './ids';
import { ExperimentsModel } from './model';
import { ISelectedExperiment } from './tokens';

/** Where the sort is remembered between sessions. */
const SORT_KEY = 'jupyter-mlflow:experiments-sort';
const ROW = '.jp-mlflow-Experiments-list';

/** The panel's section of experiments, and the commands about them. */
export const experimentsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlflow:experiments',
  description: 'Experiments of the current tracking server.',
  autoStart: true,
  requires: [IUiServices, IMlflowPanel, ITrackingServers, ISelectedExperiment],
  optional: [IStateDB, ICommandPalette, ILabShell],
  activate: (
    app: JupyterFrontEnd,
    ui: UiServices,
    panel: IMlflowPanel,
    servers: ITrackingServers,
    selection: ISelectedExperiment,
    stateDB: IStateDB | null,
    palette: ICommandPalette | null,
    labShell: ILabShell | null
  ) => {
    const trans = ui.translator.load(TRANSLATION_DOMAIN);
    const state = lastingState(
      labShell,
      stateDB,
      app.serviceManager.serverSettings.baseUrl
    );
    const model = new ExperimentsModel({
      fetch: () => state.fetch(SORT_KEY),
      save: sort => {
        void state.save(SORT_KEY, sort).catch(() => undefined);
      }
    });
    const actions = once(async () => {
      const { ExperimentActions } = await import('./actions');
      return new ExperimentActions({ servers, selection, model, trans });
    });
    servers.currentChanged.connect(() => model.forgetServer());
    addExperimentCommands({
      commands: app.commands,
      palette,
      trans,
      servers,
      selection,
      model,
      actions,
      showPanel: () => panel.activate()
    });
    [
      CommandIDs.details,
      CommandIDs.rename,
      CommandIDs.copyId,
      CommandIDs.remove,
      CommandIDs.restore
    ].forEach((command, rank) =>
      app.contextMenu.addItem({ command, selector: ROW, rank })
    );
    app.contextMenu.addItem({ type: 'separator', selector: ROW, rank: 10 });
    app.contextMenu.addItem({
      command: CommandIDs.create,
      selector: ROW,
      rank: 11
    });

    panel.addSection({
      id: 'experiments',
      title: trans.__('Experiments'),
      rank: 10,
      load: async () => {
        const [{ default: Section }, loaded] = await Promise.all([
          import('./section'),
          actions()
        ]);
        const services = { model, selection, actions: loaded };
        return () => <Section services={services} />;
      }
    });
  }
};
