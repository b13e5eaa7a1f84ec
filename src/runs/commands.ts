import type { ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { ISelectedExperiment } from '../experiments/tokens';
import type { ITrackingServers } from '../servers/tokens';
import { copyText } from '../ui/clipboard';
import type { IViews } from '../ui/views';
import type { RunActions } from './actions';
import { CommandIDs } from './ids';
import type { RunListModel } from './list-model';
import type { RunTarget, TargetRun } from './target';

export interface RunCommandOptions {
  readonly commands: CommandRegistry;
  readonly palette: ICommandPalette | null;
  readonly trans: TranslationBundle;
  readonly servers: ITrackingServers;
  readonly selection: ISelectedExperiment;
  readonly views: IViews;
  readonly model: RunListModel;
  readonly target: RunTarget;
  /** Imported when first used. */
  readonly actions: () => Promise<RunActions>;
}

function textOf(args: ReadonlyPartialJSONObject, name: string): string | null {
  const value = args[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Adds the commands about runs. Without arguments they act on the run under the cursor, and the selected experiment. */
export function addRunCommands(options: RunCommandOptions): void {
  const {
    commands,
    palette,
    trans,
    servers,
    selection,
    views,
    model,
    target,
    actions
  } = options;

  const serverOf = (args: ReadonlyPartialJSONObject): string | null => {
    const id = textOf(args, 'serverId');
    return id === null
      ? (servers.current?.id ?? null)
      : servers.servers.some(server => server.id === id)
        ? id
        : null;
  };
  const runOf = (args: ReadonlyPartialJSONObject): TargetRun | null => {
    const runId = textOf(args, 'runId');
    if (runId === null) {
      return target.current;
    }
    const serverId = serverOf(args);
    const current = target.current;
    return serverId === null
      ? null
      : {
          serverId,
          runId,
          isDeleted: current?.runId === runId && current.isDeleted
        };
  };
  const listOf = (args: ReadonlyPartialJSONObject) => {
    const serverId = serverOf(args);
    const experimentId =
      textOf(args, 'experimentId') ??
      (serverId === null ? null : selection.get(serverId));
    return serverId === null || experimentId === null
      ? null
      : { serverId, experimentId };
  };

  const serverArg = {
    serverId: {
      type: 'string',
      description: trans.__(
        'Id of the tracking server; the current one without'
      )
    }
  };
  const runArgs = {
    args: {
      type: 'object',
      properties: {
        ...serverArg,
        runId: {
          type: 'string',
          description: trans.__(
            'Id of the run; the one under the cursor without'
          )
        }
      }
    }
  };
  const experimentArgs = {
    args: {
      type: 'object',
      properties: {
        ...serverArg,
        experimentId: {
          type: 'string',
          description: trans.__(
            'Id of the experiment; the selected one without'
          )
        }
      }
    }
  };

  const added: string[] = [];
  const add = (id: string, command: CommandRegistry.ICommandOptions): void => {
    commands.addCommand(id, command);
    palette?.addItem({ command: id, category: trans.__('MLflow') });
    added.push(id);
  };
  const onRun = (
    id: string,
    label: string,
    act: (run: TargetRun) => unknown,
    applies: (run: TargetRun) => boolean = () => true
  ): void =>
    add(id, {
      label,
      describedBy: runArgs,
      isEnabled: args => {
        const run = runOf(args);
        return run !== null && applies(run);
      },
      execute: async args => {
        const run = runOf(args);
        if (run !== null) {
          await act(run);
        }
      }
    });

  onRun(CommandIDs.open, trans.__('Open Run'), ({ serverId, runId }) =>
    views.open({ kind: 'run', serverId, args: { runId } })
  );
  onRun(
    CommandIDs.rename,
    trans.__('Rename Run…'),
    async ({ serverId, runId }) => (await actions()).rename(serverId, runId),
    run => !run.isDeleted
  );
  onRun(CommandIDs.copyId, trans.__('Copy Run Id'), async run =>
    (await actions()).copyId(run.runId)
  );
  onRun(
    CommandIDs.copyLink,
    trans.__('Copy Link to Run'),
    ({ serverId, runId }) =>
      copyText(views.shareUrl({ kind: 'run', serverId, args: { runId } }))
  );
  onRun(
    CommandIDs.remove,
    trans.__('Delete Run…'),
    async ({ serverId, runId }) =>
      (await actions()).delete({ serverId, runIds: [runId] }),
    run => !run.isDeleted
  );
  onRun(
    CommandIDs.restore,
    trans.__('Restore Run'),
    async ({ serverId, runId }) =>
      (await actions()).restore({ serverId, runIds: [runId] }),
    run => run.isDeleted
  );
  add(CommandIDs.openTable, {
    label: trans.__('Open Runs as Table'),
    describedBy: experimentArgs,
    isEnabled: args => listOf(args) !== null,
    execute: args => {
      const of = listOf(args);
      if (of !== null) {
        views.open({
          kind: 'run-table',
          serverId: of.serverId,
          args: { experimentId: of.experimentId }
        });
      }
    }
  });
  add(CommandIDs.refresh, {
    label: trans.__('Refresh Runs'),
    describedBy: { args: { type: 'object', properties: serverArg } },
    isEnabled: args => serverOf(args) !== null,
    execute: async args => {
      const serverId = serverOf(args);
      if (serverId !== null) {
        const [{ invalidateRuns }, { queriesOf }] = await Promise.all([
          import('./queries'),
          import('../servers')
        ]);
        await invalidateRuns(queriesOf(servers), serverId);
      }
    }
  });
  add(CommandIDs.toggleDeleted, {
    label: trans.__('Show Deleted Runs'),
    describedBy: experimentArgs,
    isToggleable: true,
    isEnabled: args => listOf(args) !== null,
    isToggled: args => {
      const of = listOf(args);
      return of !== null && model.view(of).stage === 'deleted';
    },
    execute: args => {
      const of = listOf(args);
      if (of !== null) {
        model.set(of, {
          stage: model.view(of).stage === 'deleted' ? 'active' : 'deleted'
        });
      }
    }
  });

  const notify = (): void =>
    added.forEach(id => commands.notifyCommandChanged(id));
  target.changed.connect(notify);
  model.changed.connect(() =>
    commands.notifyCommandChanged(CommandIDs.toggleDeleted)
  );
  selection.changed.connect(notify);
  servers.currentChanged.connect(notify);
}
