import type { ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { ITrackingServers } from '../servers/tokens';
import { confirmAction } from '../ui/dialogs';
import type { ExperimentActions, ExperimentRef } from './actions';
import { SORT_FIELDS, sortBy, type SortField } from './arrangement';
import { CommandIDs } from './ids';
import type { ExperimentsModel } from './model';
import type { ISelectedExperiment } from './tokens';

export interface CommandOptions {
  readonly commands: CommandRegistry;
  readonly palette: ICommandPalette | null;
  readonly trans: TranslationBundle;
  readonly servers: ITrackingServers;
  readonly selection: ISelectedExperiment;
  readonly model: ExperimentsModel;
  /** Imported when first used. */
  readonly actions: () => Promise<ExperimentActions>;
  readonly showPanel: () => void;
}

function textOf(args: ReadonlyPartialJSONObject, name: string): string | null {
  const value = args[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

function fieldOf(args: ReadonlyPartialJSONObject): SortField {
  return SORT_FIELDS.find(field => field === args.by) ?? 'updated';
}

/** Adds the commands about experiments. Without arguments they act on the selected one of the current server. */
export function addExperimentCommands(options: CommandOptions): void {
  const { commands, palette, trans, servers, selection, model, actions } =
    options;

  /** The server that is meant; null for one that is not known. */
  const serverOf = (args: ReadonlyPartialJSONObject): string | null => {
    const id = textOf(args, 'serverId');
    return id === null
      ? (servers.current?.id ?? null)
      : servers.servers.some(server => server.id === id)
        ? id
        : null;
  };
  const refOf = (args: ReadonlyPartialJSONObject): ExperimentRef | null => {
    const serverId = serverOf(args);
    if (serverId === null) {
      return null;
    }
    const experimentId =
      textOf(args, 'experimentId') ?? selection.get(serverId);
    return experimentId === null ? null : { serverId, experimentId };
  };

  const serverArg = {
    serverId: {
      type: 'string',
      description: trans.__(
        'Id of the tracking server; the current one without'
      )
    }
  };
  const described = (properties: object = {}) => ({
    args: {
      type: 'object',
      properties: {
        ...serverArg,
        experimentId: {
          type: 'string',
          description: trans.__(
            'Id of the experiment; the selected one without'
          )
        },
        ...properties
      }
    }
  });
  const category = trans.__('MLflow');
  const hasRef = (args: ReadonlyPartialJSONObject): boolean =>
    refOf(args) !== null;
  const act =
    (what: (ref: ExperimentRef) => Promise<void> | void) =>
    async (args: ReadonlyPartialJSONObject): Promise<void> => {
      const ref = refOf(args);
      if (ref) {
        await what(ref);
      }
    };

  commands.addCommand(CommandIDs.create, {
    label: trans.__('New Experiment…'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          ...serverArg,
          name: {
            type: 'string',
            description: trans.__('The name that is proposed')
          }
        }
      }
    },
    isEnabled: args => serverOf(args) !== null,
    execute: async args => {
      const serverId = serverOf(args);
      if (serverId !== null) {
        await (await actions()).create(serverId, textOf(args, 'name') ?? '');
      }
    }
  });
  commands.addCommand(CommandIDs.select, {
    label: trans.__('Show Runs of an Experiment'),
    describedBy: described(),
    isEnabled: hasRef,
    isVisible: args => textOf(args, 'experimentId') !== null,
    execute: act(({ serverId, experimentId }) => {
      if (servers.current?.id !== serverId) {
        servers.select(serverId);
      }
      selection.select(serverId, experimentId);
      options.showPanel();
    })
  });
  commands.addCommand(CommandIDs.rename, {
    label: trans.__('Rename Experiment…'),
    describedBy: described(),
    isEnabled: hasRef,
    isVisible: () => model.view.stage === 'active',
    execute: act(async ref => (await actions()).rename(ref))
  });
  commands.addCommand(CommandIDs.remove, {
    label: trans.__('Delete Experiment…'),
    describedBy: described(),
    isEnabled: hasRef,
    isVisible: () => model.view.stage === 'active',
    execute: act(async ref => (await actions()).delete(ref))
  });
  commands.addCommand(CommandIDs.restore, {
    label: trans.__('Restore Experiment'),
    describedBy: described(),
    isEnabled: hasRef,
    isVisible: args =>
      model.view.stage === 'deleted' || textOf(args, 'experimentId') !== null,
    execute: async args => {
      const ref = refOf(args);
      // An id from outside may stand in a link of somebody else's notebook.
      const isOurs = textOf(args, 'experimentId') === null;
      if (
        ref &&
        (isOurs ||
          (await confirmAction({
            title: trans.__('Restore the experiment?'),
            body: trans.__(
              'The experiment with the id %1 and its runs will be shown again.',
              ref.experimentId
            ),
            action: trans.__('Restore'),
            trans
          })))
      ) {
        await (await actions()).restore(ref);
      }
    }
  });
  commands.addCommand(CommandIDs.copyId, {
    label: trans.__('Copy Experiment ID'),
    describedBy: described(),
    isEnabled: hasRef,
    execute: act(async ref => (await actions()).copyId(ref))
  });
  commands.addCommand(CommandIDs.details, {
    label: trans.__('Show Details of the Experiment'),
    describedBy: described(),
    isEnabled: hasRef,
    execute: act(({ serverId, experimentId }) => {
      selection.select(serverId, experimentId);
      model.set({ details: true });
      options.showPanel();
    })
  });
  commands.addCommand(CommandIDs.toggleDeleted, {
    label: trans.__('Show Deleted Experiments'),
    describedBy: { args: { type: 'object', properties: {} } },
    isToggleable: true,
    isToggled: () => model.view.stage === 'deleted',
    execute: () => {
      model.set({
        stage: model.view.stage === 'deleted' ? 'active' : 'deleted'
      });
    }
  });
  commands.addCommand(CommandIDs.sort, {
    label: args => {
      switch (fieldOf(args)) {
        case 'name':
          return args.isPalette
            ? trans.__('Sort Experiments by Name')
            : trans.__('Name');
        case 'created':
          return args.isPalette
            ? trans.__('Sort Experiments by Creation')
            : trans.__('Created');
        case 'updated':
          return args.isPalette
            ? trans.__('Sort Experiments by Last Update')
            : trans.__('Last Updated');
      }
    },
    describedBy: {
      args: {
        type: 'object',
        properties: {
          by: {
            type: 'string',
            enum: [...SORT_FIELDS],
            description: trans.__(
              'What to sort by; the same once more turns the order around'
            )
          }
        }
      }
    },
    isToggleable: true,
    isToggled: args => model.view.sort.by === fieldOf(args),
    execute: args => {
      const { sort } = model.view;
      const by = fieldOf(args);
      model.set({
        sort: sort.by === by ? { by, descending: !sort.descending } : sortBy(by)
      });
    }
  });

  for (const id of [
    CommandIDs.create,
    CommandIDs.rename,
    CommandIDs.remove,
    CommandIDs.restore,
    CommandIDs.copyId,
    CommandIDs.details,
    CommandIDs.toggleDeleted
  ]) {
    palette?.addItem({ command: id, category });
  }
  for (const by of SORT_FIELDS) {
    palette?.addItem({
      command: CommandIDs.sort,
      category,
      args: { by, isPalette: true }
    });
  }
  const notify = (): void => {
    for (const id of Object.values(CommandIDs)) {
      commands.notifyCommandChanged(id);
    }
  };
  model.changed.connect(notify);
  selection.changed.connect(notify);
  servers.currentChanged.connect(notify);
}
