import { showErrorMessage } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { asProblem } from '../servers/request';
import { showInDialog } from '../ui/body-dialog';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import { confirmDestructive } from '../ui/dialogs';
import type { EnvironmentsApi } from './api';
import type { IKernelspecActions } from './kernelspec-tokens';
import { RepairPane } from './repair';
import type { IEnvironmentActions, KernelHolder } from './tokens';

/** Asks what must be asked, then lets a job do it. */
export class KernelspecActions implements IKernelspecActions {
  constructor(
    private readonly _options: {
      readonly ui: UiServices;
      readonly environments: Pick<EnvironmentsApi, 'list'>;
      readonly run: IEnvironmentActions['run'];
    }
  ) {}

  async repair(name: string, on: KernelHolder | null): Promise<void> {
    const { ui, environments, run } = this._options;
    let chosen = null as string | null;
    await showInDialog(
      ui,
      this._trans.__('Repair the Kernel “%1”', name),
      close => (
        <RepairPane
          kernelName={name}
          machine={signal => environments.list(false, signal)}
          onRepair={executable => {
            chosen = executable;
            close();
          }}
          onClose={close}
        />
      )
    );
    if (chosen !== null) {
      await run(
        { kind: 'repair-kernel', kernel_name: name, executable: chosen },
        name,
        on
      );
    }
  }

  async remove(
    name: string,
    resourceDir: string | null,
    on: KernelHolder | null
  ): Promise<void> {
    const trans = this._trans;
    const title = trans.__('Remove the kernel “%1”?', name);
    const folder = resourceDir ?? (await this._folderOf(name, title));
    if (
      folder !== null &&
      (await confirmDestructive({
        title,
        body: trans.__(
          'The folder %1 is deleted. Notebooks that name this kernel ask for another one. Its environment stays.',
          folder
        ),
        action: trans.__('Remove'),
        trans
      }))
    ) {
      await this._options.run(
        { kind: 'remove-kernel', kernel_name: name, resource_dir: folder },
        name,
        on
      );
    }
  }

  /** Where a kernelspec lies; null where that cannot be said, which is shown. */
  private async _folderOf(name: string, title: string): Promise<string | null> {
    const trans = this._trans;
    try {
      const { kernelspecs } = await this._options.environments.list(false);
      const spec = kernelspecs.find(
        each => each.name === name && each.problem !== 'shadowed'
      );
      if (spec) {
        return spec.resource_dir;
      }
      await showErrorMessage(
        title,
        trans.__('The kernel “%1” is no longer there.', name)
      );
    } catch (reason) {
      const { message, hint } = asProblem(reason);
      await showErrorMessage(
        title,
        [message, hint].filter(Boolean).join('\n\n')
      );
    }
    return null;
  }

  private get _trans(): TranslationBundle {
    return this._options.ui.translator.load(TRANSLATION_DOMAIN);
  }
}
