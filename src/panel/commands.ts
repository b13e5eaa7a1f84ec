import { showErrorMessage } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { ITrackingServers, TrackingServer } from '../servers';
import { asProblem } from '../servers/request';
import { ServerCommandIDs } from '../servers/command-ids';
import { problemOf } from '../servers/words';
import { confirmAction, confirmDestructive } from '../ui/dialogs';
import type { PanelModel } from './model';

export interface ServerCommandsOptions {
  readonly commands: CommandRegistry;
  readonly servers: ITrackingServers;
  readonly panel: PanelModel;
  readonly trans: TranslationBundle;
  /** Shows the panel. */
  readonly show: () => void;
}

/** Adds the commands about tracking servers. @returns the ids of those that belong into the palette. */
export function addServerCommands(
  options: ServerCommandsOptions
): ReadonlyArray<string> {
  const { commands, servers, panel, trans, show } = options;

  /** The server that the arguments mean; null for one that is not in the list. */
  const serverOf = (args: ReadonlyPartialJSONObject): TrackingServer | null =>
    args.serverId === undefined
      ? servers.current
      : (servers.servers.find(server => server.id === args.serverId) ?? null);

  const describedBy = (required: boolean) => ({
    args: {
      type: 'object',
      ...(required ? { required: ['serverId'] } : {}),
      properties: {
        serverId: {
          type: 'string',
          description: trans.__(
            'Id of the tracking server; the current one without it'
          )
        }
      }
    }
  });
  const nothing = { args: { type: 'object', properties: {} } };

  /** Says in a dialog what a click did not achieve. */
  const tell = async (
    title: string,
    work: () => Promise<unknown>
  ): Promise<void> => {
    try {
      await work();
    } catch (reason) {
      const { message, hint } = asProblem(reason);
      await showErrorMessage(
        title,
        [message, hint].filter(Boolean).join('\n\n')
      );
    }
  };

  commands.addCommand(ServerCommandIDs.add, {
    label: trans.__('Add Tracking Server…'),
    describedBy: nothing,
    isEnabled: () => servers.features.addServers,
    execute: () => {
      show();
      panel.showAdd();
    }
  });

  commands.addCommand(ServerCommandIDs.edit, {
    label: trans.__('Change Name or Credentials…'),
    describedBy: describedBy(false),
    isEnabled: args => serverOf(args)?.removable === true,
    execute: args => {
      const server = serverOf(args);
      if (server?.removable) {
        show();
        panel.showEdit(server.id);
      }
    }
  });

  commands.addCommand(ServerCommandIDs.select, {
    label: args => serverOf(args)?.name ?? trans.__('Select Tracking Server'),
    caption: args => serverOf(args)?.uri ?? '',
    describedBy: describedBy(true),
    isToggleable: true,
    isToggled: args =>
      args.serverId !== undefined && serverOf(args)?.id === servers.current?.id,
    execute: args => {
      if (typeof args.serverId === 'string') {
        servers.select(args.serverId);
      }
    }
  });

  commands.addCommand(ServerCommandIDs.remove, {
    label: trans.__('Remove Tracking Server…'),
    describedBy: describedBy(false),
    isEnabled: args => serverOf(args)?.removable === true,
    execute: async args => {
      const server = serverOf(args);
      if (!server?.removable) {
        return;
      }
      const sure = await confirmDestructive({
        title: trans.__('Remove “%1” from the list?', server.name),
        body:
          server.kind === 'local'
            ? trans.__(
                'Its server is stopped. Its runs and files stay where they are: %1',
                server.uri
              )
            : trans.__(
                'Its runs stay on the server. The credentials that were given for it are forgotten.'
              ),
        action: trans.__('Remove'),
        trans
      });
      if (sure) {
        await tell(trans.__('“%1” could not be removed', server.name), () =>
          panel.undertake(server.id, 'removing', servers.remove(server.id))
        );
      }
    }
  });

  commands.addCommand(ServerCommandIDs.start, {
    label: trans.__('Start Tracking Server'),
    describedBy: describedBy(false),
    isEnabled: args => {
      const server = serverOf(args);
      return (
        server?.kind === 'local' &&
        (server.state === 'stopped' || server.state === 'failed')
      );
    },
    execute: async args => {
      const server = serverOf(args);
      if (server?.kind === 'local') {
        await tell(trans.__('“%1” could not be started', server.name), () =>
          panel.undertake(server.id, 'starting', servers.start(server.id))
        );
      }
    }
  });

  commands.addCommand(ServerCommandIDs.stop, {
    label: trans.__('Stop Tracking Server…'),
    describedBy: describedBy(false),
    isEnabled: args => {
      const server = serverOf(args);
      return (
        server?.kind === 'local' &&
        (server.state === 'ready' || server.state === 'starting')
      );
    },
    execute: async args => {
      const server = serverOf(args);
      if (server?.kind !== 'local') {
        return;
      }
      const sure = await confirmDestructive({
        title: trans.__('Stop the tracking server “%1”?', server.name),
        body: trans.__(
          'Notebooks that log to it cannot reach it until it is started again. What was logged is kept.'
        ),
        action: trans.__('Stop'),
        trans
      });
      if (sure) {
        await tell(trans.__('“%1” could not be stopped', server.name), () =>
          panel.undertake(server.id, 'stopping', servers.stop(server.id))
        );
      }
    }
  });

  commands.addCommand(ServerCommandIDs.migrate, {
    label: trans.__('Back Up and Upgrade the Store…'),
    describedBy: describedBy(false),
    isEnabled: args => {
      const server = serverOf(args);
      return (
        server !== null &&
        problemOf(server, servers.health)?.code === 'store-would-migrate'
      );
    },
    execute: async args => {
      const server = serverOf(args);
      const problem = server && problemOf(server, servers.health);
      if (!server || problem?.code !== 'store-would-migrate') {
        return;
      }
      const sure = await confirmDestructive({
        title: trans.__(
          'Back up and upgrade %1?',
          server.store?.runs ?? server.name
        ),
        body: [
          problem.message,
          trans.__(
            'A copy of the file is made beside it first, its name ends in “.bak”. If the upgrade fails, the copy is put back.'
          )
        ].join(' '),
        action: trans.__('Back up and upgrade'),
        trans
      });
      if (sure) {
        await tell(trans.__('The store could not be upgraded'), () =>
          panel.undertake(
            server.id,
            'starting',
            servers.start(server.id, { migrate: true })
          )
        );
      }
    }
  });

  commands.addCommand(ServerCommandIDs.createEnvironment, {
    label: trans.__('Make an Environment with MLflow…'),
    describedBy: describedBy(false),
    isEnabled: args =>
      servers.features.jobs && serverOf(args)?.kind === 'local',
    execute: async args => {
      const server = serverOf(args);
      if (server?.kind !== 'local') {
        return;
      }
      const sure = await confirmAction({
        title: trans.__('Make an environment for MLflow?'),
        body: environmentText(server.store?.runs ?? server.uri, trans),
        action: trans.__('Install MLflow'),
        trans
      });
      if (sure) {
        panel.showJob();
        await panel.job.begin({ startId: server.id });
      }
    }
  });

  commands.addCommand(ServerCommandIDs.details, {
    label: trans.__('Tracking Server Details'),
    describedBy: nothing,
    isToggleable: true,
    isToggled: () => panel.areDetailsOpen,
    isEnabled: () => servers.current !== null,
    execute: () => {
      show();
      panel.toggleDetails();
    }
  });

  commands.addCommand(ServerCommandIDs.refresh, {
    label: trans.__('Refresh Tracking Servers'),
    describedBy: nothing,
    execute: () => servers.refresh()
  });

  let last = '';
  servers.changed.connect(() => {
    const { current, health } = servers;
    // Enough to tell whether any label, toggle or availability is another.
    const now = JSON.stringify([
      current,
      health.state,
      health.problem?.code,
      servers.features
    ]);
    if (now !== last) {
      last = now;
      for (const id of Object.values(ServerCommandIDs)) {
        commands.notifyCommandChanged(id);
      }
    }
  });
  panel.changed.connect(() => {
    commands.notifyCommandChanged(ServerCommandIDs.details);
  });

  return Object.values(ServerCommandIDs).filter(
    id => id !== ServerCommandIDs.select
  );
}

/** What making an environment means, for the question before it. @param runs - the absolute path of the store. */
export function environmentText(
  runs: string,
  trans: TranslationBundle
): string {
  return trans.__(
    'No Python that Jupyter knows of on this machine has MLflow. A new environment is made for it, apart from your own, with the newest MLflow and what it needs (about 700 MB, some minutes). Runs will be kept in %1. You can watch it and cancel it.',
    runs
  );
}
