import { InputDialog, type ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { ITrackingServers } from '../servers/tokens';
import { confirmAction } from '../ui/dialogs';
import type { IRunTarget, RunRef } from './commands-tokens';
import type { RunActions } from './page/actions';

/** The commands about one run. */
export namespace RunCommandIDs {
  export const open = 'mlflow:open-run';
  export const copyId = 'mlflow:copy-run-id';
  export const copyLink = 'mlflow:copy-run-link';
  export const insertCode = 'mlflow:insert-run-code';
  export const openOwnPage = 'mlflow:open-run-in-mlflow';
  export const rename = 'mlflow:rename-run';
  export const remove = 'mlflow:delete-run';
  export const restore = 'mlflow:restore-run';
  export const refresh = 'mlflow:refresh-run';
}

/** Ids of runs: 32 hexadecimal digits by MLflow itself; other stores have theirs. */
const RUN_ID = /^[\w-]{1,64}$/;

/** A run's id, if a text can be one. */
export function asRunId(value: unknown): string | null {
  return typeof value === 'string' && RUN_ID.test(value.trim())
    ? value.trim()
    : null;
}

export interface RunCommandOptions {
  readonly commands: CommandRegistry;
  readonly palette: ICommandPalette | null;
  readonly trans: TranslationBundle;
  readonly servers: ITrackingServers;
  readonly target: IRunTarget;
  readonly actions: RunActions;
}

/** Adds the commands about a run. Without arguments they act on the one that is meant by what is in front. */
export function addRunCommands(options: RunCommandOptions): void {
  const { commands, palette, trans, servers, target, actions } = options;

  const refOf = (args: ReadonlyPartialJSONObject): RunRef | null => {
    if (args.runId === undefined) {
      return target.current;
    }
    const runId = asRunId(args.runId);
    const serverId =
      typeof args.serverId === 'string' ? args.serverId : servers.current?.id;
    return runId !== null &&
      serverId !== undefined &&
      servers.servers.some(({ id }) => id === serverId)
      ? { serverId, runId }
      : null;
  };
  const describedBy = {
    args: {
      type: 'object',
      properties: {
        runId: {
          type: 'string',
          description: trans.__(
            'Id of the MLflow run; the one in front without'
          )
        },
        serverId: {
          type: 'string',
          description: trans.__(
            'Id of the tracking server; the current one without'
          )
        }
      }
    }
  };
  const add = (
    id: string,
    label: string,
    act: (ref: RunRef) => Promise<void> | void,
    isEnabled: (ref: RunRef) => boolean = () => true
  ): void => {
    commands.addCommand(id, {
      label,
      describedBy,
      isEnabled: args => {
        const ref = refOf(args);
        return ref !== null && isEnabled(ref);
      },
      execute: async args => {
        const ref = refOf(args);
        if (ref) {
          await act(ref);
        }
      }
    });
  };

  commands.addCommand(RunCommandIDs.open, {
    label: trans.__('Open Run…'),
    describedBy,
    isEnabled: args =>
      args.runId === undefined
        ? servers.current !== null
        : refOf(args) !== null,
    execute: async args => {
      const ref =
        args.runId === undefined ? await askRun(servers, trans) : refOf(args);
      if (ref) {
        actions.open(ref);
      }
    }
  });
  add(RunCommandIDs.copyId, trans.__('Copy Run ID'), ref =>
    actions.copyId(ref)
  );
  add(RunCommandIDs.copyLink, trans.__('Copy Link to Run'), ref =>
    actions.copyLink(ref)
  );
  add(
    RunCommandIDs.insertCode,
    trans.__('Insert Code to Load This Run'),
    ref => actions.insertCode(ref),
    () => actions.canInsert
  );
  add(
    RunCommandIDs.openOwnPage,
    trans.__('Open in MLflow’s Own Page'),
    ref => actions.openOwnPage(ref),
    ref => actions.hasOwnPage(ref.serverId)
  );
  add(RunCommandIDs.rename, trans.__('Rename Run…'), ref =>
    actions.rename(ref)
  );
  add(RunCommandIDs.remove, trans.__('Delete Run…'), ref =>
    actions.delete(ref)
  );
  commands.addCommand(RunCommandIDs.restore, {
    label: trans.__('Restore Run'),
    describedBy,
    isEnabled: args => refOf(args) !== null,
    execute: async args => {
      const ref = refOf(args);
      // An id from outside may stand in a link of somebody else's notebook.
      if (
        ref &&
        (args.runId === undefined ||
          (await confirmAction({
            title: trans.__('Restore the run?'),
            body: trans.__(
              'The run with the id %1 will be shown again if it was deleted.',
              ref.runId
            ),
            action: trans.__('Restore'),
            trans
          })))
      ) {
        await actions.restore(ref);
      }
    }
  });
  add(RunCommandIDs.refresh, trans.__('Refresh Run'), ref =>
    actions.refresh(ref)
  );

  const ids = Object.values(RunCommandIDs);
  for (const command of ids) {
    palette?.addItem({ command, category: trans.__('MLflow') });
  }
  const notify = (): void =>
    ids.forEach(id => commands.notifyCommandChanged(id));
  target.changed.connect(notify);
  servers.currentChanged.connect(notify);
}

async function askRun(
  servers: ITrackingServers,
  trans: TranslationBundle
): Promise<RunRef | null> {
  const result = await InputDialog.getText({
    title: trans.__('Open Run'),
    label: trans.__('Run ID'),
    pattern: RUN_ID.source,
    required: true,
    okLabel: trans.__('Open'),
    cancelLabel: trans.__('Cancel')
  });
  const runId = result.button.accept ? asRunId(result.value) : null;
  const serverId = servers.current?.id;
  return runId !== null && serverId !== undefined ? { serverId, runId } : null;
}
