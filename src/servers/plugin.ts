import {
  ILabShell,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { followSettings } from '../ui/settings';
import { lastingState } from '../ui/state';
import { ServersApi } from './api';
import { TrackingServers } from './model';
import type { ServersSettings } from './settings.generated';
import { ITrackingServers } from './tokens';
import { ForwardedTransport } from './transport';

const PLUGIN_ID = 'jupyter-mlflow:servers';
/** Where the choice of a server is remembered between sessions. */
const STATE_KEY = 'jupyter-mlflow:current-server';

/** Milliseconds between two questions that the setting demands at least; 0 leaves it to the server. */
export function leastIntervalOf(
  setting: ServersSettings['refreshInterval'] | undefined
): number {
  return typeof setting === 'number' && setting > 0 ? setting * 1000 : 0;
}

/** Provides the tracking servers. Asks nothing of anyone until a view is first shown. */
export const serversPlugin: JupyterFrontEndPlugin<ITrackingServers> = {
  id: PLUGIN_ID,
  description:
    'The MLflow tracking servers that are known, and the current one.',
  autoStart: true,
  provides: ITrackingServers,
  optional: [IStateDB, ISettingRegistry, ILabShell],
  activate: (
    app: JupyterFrontEnd,
    stateDB: IStateDB | null,
    registry: ISettingRegistry | null,
    labShell: ILabShell | null
  ): ITrackingServers => {
    const settings = app.serviceManager.serverSettings;
    const state = lastingState(labShell, stateDB, settings.baseUrl);
    const servers = new TrackingServers({
      api: new ServersApi(settings),
      transport: id => new ForwardedTransport(id, settings),
      remembered: async () => {
        const id = await state.fetch(STATE_KEY);
        return typeof id === 'string' ? id : null;
      },
      remember: id => {
        void state.save(STATE_KEY, id).catch(() => undefined);
      }
    });
    followSettings(registry, app.restored, PLUGIN_ID, ({ refreshInterval }) => {
      servers.leastInterval = leastIntervalOf(
        typeof refreshInterval === 'number' ? refreshInterval : 'auto'
      );
    });
    return servers;
  }
};
