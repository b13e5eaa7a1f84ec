import {
  Notification,
  SessionContextDialogs,
  showErrorMessage
} from '@jupyterlab/apputils';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IKernelspecActions } from '../../environments/kernelspec-tokens';
import type { IEnvironmentActions } from '../../environments/tokens';
import { type KernelsApi } from '../../kernel/api';
import { ApiError, asProblem } from '../../servers/request';
import type { ITrackingServers } from '../../servers/tokens';
import { showInDialog } from '../../ui/body-dialog';
import { TRANSLATION_DOMAIN, type UiServices } from '../../ui/context';
import { promptText } from '../../ui/dialogs';
import { typeIntoTerminal } from '../../ui/terminal';
import { shownBy } from '../offers';
import type { RemedyContext } from '../remedy-tokens';
import type { Remedy } from '../tokens';
import { CommandsPane } from './commands-pane';
import { ConnectPane, type Connection } from './connect-pane';
import { activateLine, commandsOf } from './shell';
import { isJob, remedyLabel } from './words';

export interface RemedyRunnerOptions {
  readonly ui: UiServices;
  readonly actions: IEnvironmentActions;
  readonly kernelspecs: IKernelspecActions;
  readonly servers: ITrackingServers;
  readonly kernels: KernelsApi;
  /** Those that a new kernel must not take the name of. */
  readonly kernelNames: () => ReadonlyArray<string>;
  /** Lets new kernels of a notebook log to a server. */
  readonly remember: (
    notebook: string,
    serverId: string | null
  ) => Promise<unknown>;
  readonly contents: Pick<Contents.IManager, 'rename'>;
}

/** Does what findings propose. */
export class RemedyRunner {
  constructor(private readonly _options: RemedyRunnerOptions) {}

  /** Shows its errors itself; never rejects. */
  async run(remedy: Remedy, on: RemedyContext): Promise<void> {
    try {
      await (isJob(remedy) && !this._options.servers.features.jobs
        ? this._showCommands(remedy, on)
        : this._run(remedy, on));
    } catch (reason) {
      const { message, hint } = asProblem(reason);
      await showErrorMessage(
        remedyLabel(remedy, this._trans).replace('…', ''),
        [message, hint].filter(Boolean).join(' ')
      );
    }
  }

  private get _trans(): TranslationBundle {
    return this._options.ui.translator.load(TRANSLATION_DOMAIN);
  }

  private async _run(remedy: Remedy, on: RemedyContext): Promise<void> {
    const { actions, kernelspecs } = this._options;
    const { kernelId } = on.watch.environment;
    switch (remedy.kind) {
      case 'switch-kernel':
        return actions.switchKernel(remedy.kernelName, on);
      case 'create-environment':
        return actions.create(remedy, on);
      case 'install':
        return actions.run(
          {
            kind: 'install',
            packages: remedy.packages,
            kernel_id: kernelId ?? '',
            ...(remedy.reinstall && { reinstall: true })
          },
          remedy.packages.join(' '),
          on,
          remedy.module
        );
      case 'install-named':
        return this._installNamed(remedy.module, on);
      case 'register-kernel':
        return actions.run(
          { kind: 'register-kernel', executable: remedy.executable },
          remedy.executable,
          on
        );
      case 'repair-kernel':
        return kernelspecs.repair(remedy.kernelName, on);
      case 'remove-kernel':
        return kernelspecs.remove(remedy.kernelName, null, on);
      case 'check-thoroughly':
        await actions.run(
          { kind: 'check-imports', kernel_id: kernelId ?? '' },
          'mlflow',
          on
        );
        // Its report tells what was found; where Jupyter's events do not reach the page, only when it is read.
        await on.watch.probe();
        return;
      case 'use-panel-server':
        return this._connect(remedy.serverId, on);
      case 'forget-server':
        if (on.notebook !== null) {
          await this._options.remember(on.notebook, null);
          await on.watch.probe();
        }
        return;
      case 'show-server':
        return this._showServer(remedy.serverId, remedy.uri);
      case 'restart-kernel': {
        const dialogs = new SessionContextDialogs({
          translator: this._options.ui.translator
        });
        if (await dialogs.restart(on.context)) {
          await on.watch.probe();
        }
        return;
      }
      case 'end-run':
        if (kernelId !== null) {
          await this._options.kernels.options(kernelId, {
            endRun: remedy.runId
          });
          await on.watch.probe();
        }
        return;
      case 'rename-file':
        return this._rename(remedy.path, remedy.contentsPath, on);
      case 'open-terminal':
        return this._openTerminal(on);
      case 'show-commands':
        return this._showCommands(remedy, on);
    }
  }

  private async _installNamed(
    module: string,
    on: RemedyContext
  ): Promise<void> {
    const trans = this._trans;
    const name = await promptText({
      title: trans.__('Install a Package'),
      label: trans.__('Name of the package that brings “%1”', module),
      action: trans.__('Install'),
      trans
    });
    if (name !== null) {
      const install: Remedy = { kind: 'install', packages: [name], module };
      const isHere = on.watch.environment.report?.reach === 'local';
      await this.run(
        isHere ? install : { kind: 'show-commands', of: install },
        on
      );
    }
  }

  private async _connect(serverId: string, on: RemedyContext): Promise<void> {
    const { ui, servers, kernels, remember: keep } = this._options;
    const server = servers.servers.find(each => each.id === serverId);
    const { kernelId } = on.watch.environment;
    if (!server || kernelId === null) {
      return;
    }
    let chosen = null as Connection | null;
    await showInDialog(
      ui,
      this._trans.__('Log to the Panel’s Server'),
      close => (
        <ConnectPane
          name={server.name}
          hasLogin={server.kind === 'remote'}
          canRemember={on.notebook !== null}
          onConnect={how => {
            chosen = how;
            close();
          }}
          onClose={close}
        />
      )
    );
    if (chosen === null) {
      return;
    }
    const { credentials, remember } = chosen;
    let isLater = false;
    try {
      await kernels.tracking(kernelId, serverId, { credentials });
    } catch (reason) {
      isLater =
        reason instanceof ApiError && reason.problem.code === 'kernel-busy';
      if (!isLater) {
        throw reason;
      }
      Notification.info(
        this._trans.__('It is done as soon as the running cell has ended.'),
        { autoClose: 8000 }
      );
    }
    // Not before: what is refused must not come back with each new kernel.
    if (remember && on.notebook !== null) {
      await keep(on.notebook, serverId);
    }
    if (!isLater) {
      await on.watch.probe();
    }
  }

  private async _showServer(
    serverId: string | null,
    uri: string | null
  ): Promise<void> {
    const { servers, ui } = this._options;
    if (serverId !== null) {
      servers.select(serverId);
    } else if (uri !== null) {
      await servers.add({ uri });
    }
    await ui.commands.execute('mlflow:show-panel');
  }

  private async _rename(
    path: string,
    from: string | null,
    on: RemedyContext
  ): Promise<void> {
    const trans = this._trans;
    if (from === null) {
      await showErrorMessage(
        trans.__('Rename the File'),
        trans.__(
          '%1 lies outside of Jupyter’s folder: rename it in a terminal.',
          path
        )
      );
      return;
    }
    const at = from.lastIndexOf('/') + 1;
    const name = await promptText({
      title: trans.__('Rename “%1”', from),
      label: trans.__('New name'),
      value: `my_${from.slice(at)}`,
      action: trans.__('Rename'),
      trans
    });
    if (name !== null && !name.includes('/')) {
      await this._options.contents.rename(from, from.slice(0, at) + name);
      await on.watch.probe();
    }
  }

  private async _openTerminal(on: RemedyContext): Promise<void> {
    const { commands } = this._options.ui;
    const facts = on.watch.environment.report?.facts ?? null;
    if (
      facts === null ||
      facts.platform === 'win32' ||
      /[\u0000-\u001f\u007f]/.test(facts.prefix)
    ) {
      await this._showCommands({ kind: 'open-terminal' }, on);
      return;
    }
    if (!(await typeIntoTerminal(commands, activateLine(facts)))) {
      await this._showCommands({ kind: 'open-terminal' }, on);
    }
  }

  private async _showCommands(
    remedy: Remedy,
    on: RemedyContext
  ): Promise<void> {
    const { ui, servers } = this._options;
    const trans = this._trans;
    const { report, kernelId } = on.watch.environment;
    const facts = report?.facts ?? null;
    const isRemote = report !== null && report.reach !== 'local';
    const where = on.notebook === null ? 'console' : 'notebook';
    const shown = remedy.kind === 'show-commands' ? shownBy(remedy) : [remedy];
    const groups = shown.flatMap(each => {
      const commands = commandsOf(
        each,
        // A kernelspec that is to be repaired means another interpreter than the one that runs.
        each.kind === 'repair-kernel' ? null : facts,
        this._options.kernelNames(),
        kernelId === null ? null : isRemote ? 'elsewhere' : 'here'
      );
      const title = remedyLabel(each, trans).replace('…', '');
      return commands === null ? [] : [{ title, commands }];
    });
    if (groups.length === 0) {
      return;
    }
    const [first] = shown;
    const reason =
      isRemote && first.kind === 'install' && facts?.externally_managed
        ? trans.__(
            'The operating system manages the packages of this kernel: these make an environment with a kernel of its own there. Choose that kernel for this notebook afterwards.'
          )
        : shown.some(isJob) && !servers.features.jobs
          ? trans.__(
              'The administrator of this Jupyter server has turned jobs off: it is done by hand instead.'
            )
          : null;
    await showInDialog(ui, trans.__('Commands'), close => (
      <CommandsPane
        groups={groups.length === 1 ? [{ ...groups[0], title: null }] : groups}
        typedIn={isRemote ? `remote-${where}` : where}
        isWindows={facts?.platform === 'win32'}
        reason={reason}
        onClose={close}
      />
    ));
  }
}
