import { InputDialog, type ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { ITrackingServers } from '../servers/tokens';
import type { RunRef } from './commands-tokens';
import type { IViews } from '../ui/views';
import type { RunPageActions } from './page/actions';
import { hasOwnPage } from './page/own-page';
import type { RunTarget } from './target';

/** The commands about one run, beside those of `CommandIDs`. */
export const RunCommandIDs = {
  openById: 'mlflow:open-run-by-id',
  insertCode: 'mlflow:insert-run-code',
  openOwnPage: 'mlflow:open-run-in-mlflow',
  refresh: 'mlflow:refresh-run'
} as const;

/** Ids of runs: 32 hexadecimal digits by MLflow itself; other stores have theirs. */
const RUN_ID = /^[\w-]{1,64}$/;

/** A run's id, if a text can be one. */
export function asRunId(value: unknown): string | null {
  return typeof value === 'string' && RUN_ID.test(value.trim())
    ? value.trim()
    : null;
}

export interface RunPageCommandOptions {
  readonly commands: CommandRegistry;
  readonly palette: ICommandPalette | null;
  readonly trans: TranslationBundle;
  readonly servers: ITrackingServers;
  readonly target: RunTarget;
  readonly views: IViews;
  /** Imported when first used. */
  readonly actions: () => Promise<RunPageActions>;
  /** Whether there is a notebook to insert code into. */
  readonly canInsert: () => boolean;
}

/** Adds the commands about a run. Without arguments they act on the one that was used last. */
export function addRunPageCommands(options: RunPageCommandOptions): void {
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

  commands.addCommand(RunCommandIDs.openById, {
    label: trans.__('Open Run by ID…'),
    describedBy: { args: { type: 'object', properties: {} } },
    isEnabled: () => servers.current !== null,
    execute: async () => {
      const ref = await askRun(servers, trans);
      if (ref) {
        options.views.open({
          kind: 'run',
          serverId: ref.serverId,
          args: { runId: ref.runId }
        });
      }
    }
  });
  add(
    RunCommandIDs.insertCode,
    trans.__('Insert Code to Load This Run'),
    async ref => (await actions()).insertCode(ref),
    options.canInsert
  );
  add(
    RunCommandIDs.openOwnPage,
    trans.__('Open in MLflow’s Own Page'),
    async ref => (await actions()).openOwnPage(ref),
    ref => hasOwnPage(servers, ref.serverId)
  );
  add(RunCommandIDs.refresh, trans.__('Refresh Run'), async ref =>
    (await actions()).refresh(ref)
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
