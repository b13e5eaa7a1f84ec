import { CommandsPane, creationCommands } from '../doctor';
import { showInDialog } from '../ui/body-dialog';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import type { EnvironmentsApi, MachineEnvironments } from './api';
import { draftOf, toBeMade, type EnvironmentDraft } from './draft';
import type { EnvironmentWish } from './tokens';

/** What to type to have the environment of a draft. @param props.machine - null while it is not known. */
export function CreationByHand(props: {
  draft: EnvironmentDraft;
  machine: MachineEnvironments | null;
  reason: string | null;
  closeLabel?: string;
  onClose: () => void;
}): JSX.Element {
  const { draft, machine, ...rest } = props;
  return (
    <CommandsPane
      {...rest}
      groups={[
        {
          title: null,
          commands: creationCommands(
            toBeMade(draft, machine),
            machine?.kernelspecs.map(({ name }) => name) ?? [],
            machine?.uv_command
          )
        }
      ]}
      isWindows={/^[A-Za-z]:/.test(machine?.folder ?? '')}
    />
  );
}

/** Shows what to type to have a new environment instead of something that was refused. */
export async function showCreation(
  ui: UiServices,
  environments: Pick<EnvironmentsApi, 'list'>,
  wish: EnvironmentWish
): Promise<void> {
  const trans = ui.translator.load(TRANSLATION_DOMAIN);
  // A help only: names that are taken, and where new ones go.
  const machine = await environments.list(false).catch(() => null);
  await showInDialog(ui, trans.__('Commands'), close => (
    <CreationByHand
      draft={draftOf(wish)}
      machine={machine}
      reason={trans.__('These make an environment of its own instead.')}
      onClose={close}
    />
  ));
}
