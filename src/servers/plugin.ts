import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStateDB } from '@jupyterlab/statedb';
import { ServersApi } from './api';
import { TrackingServers } from './model';
import { ITrackingServers } from './tokens';
import { ForwardedTransport } from './transport';

/** Where the choice of a server is remembered between sessions. */
const STATE_KEY = 'jupyter-mlflow:current-server';

/** Provides the tracking servers. Asks nothing of anyone until a view is first shown. */
export const serversPlugin: JupyterFrontEndPlugin<ITrackingServers> = {
  id: 'jupyter-mlflow:servers',
  description: 'The MLflow tracking servers that are known, and the current one.',
  autoStart: true,
  provides: ITrackingServers,
  optional: [IStateDB],
  activate: (app: JupyterFrontEnd, state: IStateDB | null): ITrackingServers => {
    const settings = app.serviceManager.serverSettings;
    return new TrackingServers({
      api: new ServersApi(settings),
      transport: id => new ForwardedTransport(id, settings),
      remembered: async () => {
        const id = await state?.fetch(STATE_KEY);
        return typeof id === 'string' ? id : null;
      },
      remember: id => {
        void state?.save(STATE_KEY, id);
      }
    });
  }
};
