import { CommandsPane } from '../doctor';
import type { IKernelspecActions } from '../environments/kernelspec-tokens';
import type { IEnvironmentActions, KernelHolder } from '../environments/tokens';
import { showInDialog } from '../ui/body-dialog';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import { confirmDestructive } from '../ui/dialogs';
import { typeIntoTerminal } from '../ui/terminal';
import type { Interpreter } from '../environments';
import type { EnvironmentsModel } from './model';
import { nameOf, type Offer } from './rows';
import { commandsFor, terminalLine } from './shell';
import { interpreterName } from './words';

export interface OfferRunnerOptions {
  readonly ui: UiServices;
  readonly model: EnvironmentsModel;
  readonly actions: IEnvironmentActions;
  readonly kernelspecs: IKernelspecActions;
  /** The notebook or console in use. */
  readonly active: () => KernelHolder | null;
}

/** Does what the page offers; errors are shown in the dialogs of each, nothing rejects. */
export class OfferRunner {
  constructor(private readonly _options: OfferRunnerOptions) {}

  /** Opens the wizard. */
  create(): Promise<void> {
    const { actions, active } = this._options;
    return actions.create(null, active());
  }

  async run(offer: Offer): Promise<void> {
    const { actions, kernelspecs, model } = this._options;
    const on = this._options.active();
    switch (offer.kind) {
      case 'create':
        return actions.create(
          { python: offer.executable, mlflow: null, packages: [] },
          on
        );
      case 'install': {
        const { executable, packages, prefix } = offer;
        // The kernel in use is asked afterwards only where it is the one that was changed.
        const isItsOwn = model.view.active?.prefix === prefix;
        return actions.run(
          { kind: 'install', executable, packages },
          packages.join(' '),
          isItsOwn ? on : null
        );
      }
      case 'register':
        return actions.run(
          { kind: 'register-kernel', executable: offer.executable },
          this._nameOf(offer.executable),
          on
        );
      case 'switch':
        return on === null
          ? undefined
          : actions.switchKernel(offer.kernelName, on);
      case 'repair':
        return kernelspecs.repair(offer.kernelName, on);
      case 'remove-kernel':
        return kernelspecs.remove(offer.kernelName, offer.resourceDir, on);
      case 'remove-environment':
        return this._removeEnvironment(offer.prefix);
      case 'terminal': {
        const line = terminalLine(offer);
        const { commands } = this._options.ui;
        if (line === null || !(await typeIntoTerminal(commands, line))) {
          await this._showCommands(
            model.view.machine?.interpreters.find(
              each => each.prefix === offer.prefix
            ) ?? null,
            []
          );
        }
        return;
      }
      case 'commands':
        return this._showCommands(offer.interpreter, offer.of);
    }
  }

  /** As its row says. */
  private _nameOf(executable: string): string {
    const { model, ui } = this._options;
    const found = model.view.machine?.interpreters.find(
      each => each.executable === executable
    );
    return found
      ? interpreterName(found, ui.translator.load(TRANSLATION_DOMAIN))
      : executable;
  }

  private async _removeEnvironment(prefix: string): Promise<void> {
    const trans = this._options.ui.translator.load(TRANSLATION_DOMAIN);
    const sure = await confirmDestructive({
      title: trans.__('Remove this environment?'),
      body: trans.__(
        'The folder %1 is deleted with all packages in it, and so are the kernels that start it. This cannot be undone.',
        prefix
      ),
      action: trans.__('Remove'),
      trans
    });
    if (sure) {
      await this._options.actions.run(
        { kind: 'remove-environment', prefix },
        nameOf(prefix),
        null
      );
    }
  }

  private async _showCommands(
    interpreter: Interpreter | null,
    offers: ReadonlyArray<Offer>
  ): Promise<void> {
    const { ui, model } = this._options;
    const trans = ui.translator.load(TRANSLATION_DOMAIN);
    const { machine } = model.view;
    const commands = commandsFor(
      interpreter,
      offers,
      machine?.kernelspecs.map(({ name }) => name) ?? []
    );
    if (commands === null) {
      return;
    }
    const reason =
      machine?.jobs === false
        ? trans.__(
            'The administrator of this Jupyter server has turned jobs off: it is done by hand instead.'
          )
        : null;
    await showInDialog(ui, trans.__('Commands'), close => (
      <CommandsPane
        groups={[{ title: null, commands }]}
        reason={reason}
        onClose={close}
      />
    ));
  }
}
