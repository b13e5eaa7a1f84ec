import {
  ILabShell,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IStateDB } from '@jupyterlab/statedb';
import { lastingState } from '../ui/state';
import { SelectedExperiment } from './selection';
import { ISelectedExperiment } from './tokens';

/** Where the selections are remembered between sessions. */
const STATE_KEY = 'jupyter-mlflow:selected-experiments';

/** Provides the selected experiment of each server. */
export const selectedExperimentPlugin: JupyterFrontEndPlugin<ISelectedExperiment> =
  {
    id: 'jupyter-mlflow:selected-experiment',
    description:
      'The experiment that is selected in the MLflow panel, for each server.',
    autoStart: true,
    provides: ISelectedExperiment,
    optional: [IStateDB, ILabShell],
    activate: (
      app: JupyterFrontEnd,
      stateDB: IStateDB | null,
      labShell: ILabShell | null
    ): ISelectedExperiment => {
      const { baseUrl } = app.serviceManager.serverSettings;
      const state = lastingState(labShell, stateDB, baseUrl);
      return new SelectedExperiment({
        fetch: () => state.fetch(STATE_KEY),
        save: selections => {
          void state.save(STATE_KEY, selections).catch(() => undefined);
        }
      });
    }
  };
