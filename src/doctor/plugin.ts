import {
  ILabShell,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import { type ConsolePanel, IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { createElement } from 'react';
import { IKernelEnvironments } from '../kernel/tokens';
import { IMlflowPanel } from '../panel/tokens';
import { ITrackingServers } from '../servers/tokens';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import { once } from '../ui/once';
import { IUiServices } from '../ui/plugin';
import { followSettings } from '../ui/settings';
import { lastingState } from '../ui/state';
import { DoctorMark } from './mark';
import { IRemedies } from './remedy-tokens';
import { Wishes } from './wishes';

const PLUGIN_ID = 'jupyter-mlflow:doctor';

/** Shows in each notebook and console how MLflow is in its kernel, and what helps. */
export const doctorPlugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: 'Says how MLflow is in the kernels of notebooks and consoles.',
  autoStart: true,
  requires: [
    IUiServices,
    IKernelEnvironments,
    ITrackingServers,
    INotebookTracker
  ],
  optional: [
    IToolbarWidgetRegistry,
    ISettingRegistry,
    IStateDB,
    ILabShell,
    IRemedies,
    IConsoleTracker,
    IMlflowPanel
  ],
  activate: (
    app: JupyterFrontEnd,
    ui: UiServices,
    environments: IKernelEnvironments,
    servers: ITrackingServers,
    tracker: INotebookTracker,
    toolbars: IToolbarWidgetRegistry | null,
    registry: ISettingRegistry | null,
    stateDB: IStateDB | null,
    labShell: ILabShell | null,
    remedies: IRemedies | null,
    consoles: IConsoleTracker | null,
    mlflowPanel: IMlflowPanel | null
  ) => {
    const settings = app.serviceManager.serverSettings;
    const trans = ui.translator.load(TRANSLATION_DOMAIN);
    const wishes = new Wishes();
    const doctor = once(async () => {
      const { Doctor } = await import('./wiring');
      return new Doctor({
        ui,
        settings,
        kernelspecsChanged: app.serviceManager.kernelspecs.specsChanged,
        environments,
        servers,
        remedies,
        state: lastingState(labShell, stateDB, settings.baseUrl),
        wishes
      });
    });
    const whenReady = (
      use: (made: Awaited<ReturnType<typeof doctor>>) => void
    ) =>
      doctor().then(use, (reason: unknown) => {
        console.warn('MLflow in kernels is not looked after.', reason);
      });

    toolbars?.addFactory<NotebookPanel>('Notebook', 'mlflow-doctor', panel => {
      const mark = new DoctorMark(trans.__('MLflow in this kernel'));
      void whenReady(made => {
        if (!panel.isDisposed && !mark.isDisposed) {
          made.attend(made.of(panel).services, mark);
        }
      });
      return mark;
    });
    toolbars?.addFactory<ConsolePanel>(
      'ConsolePanel',
      'mlflow-doctor',
      panel => {
        const mark = new DoctorMark(trans.__('MLflow in this kernel'));
        void whenReady(made => {
          if (!panel.isDisposed && !mark.isDisposed) {
            made.attend(made.ofConsole(panel).services, mark);
          }
        });
        return mark;
      }
    );
    // Cells are looked after without the mark, too.
    tracker.widgetAdded.connect((_, panel) => {
      void whenReady(made => {
        if (!panel.isDisposed) {
          made.of(panel);
        }
      });
    });
    consoles?.widgetAdded.connect((_, panel) => {
      void whenReady(made => {
        if (!panel.isDisposed) {
          made.ofConsole(panel);
        }
      });
    });
    mlflowPanel?.addHead({
      section: 'notebook-runs',
      load: async () => {
        const [{ DoctorHead }, { active }] = await Promise.all([
          import('./head'),
          doctor()
        ]);
        return () => createElement(DoctorHead, { active });
      }
    });
    followSettings(registry, app.restored, PLUGIN_ID, values => {
      const isChange = wishes.areRead;
      wishes.take(values);
      if (isChange) {
        // The server must hear of it, notebook or not.
        void whenReady(() => undefined);
      }
    });
  }
};
