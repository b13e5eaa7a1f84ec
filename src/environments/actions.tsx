import { Notification } from '@jupyterlab/apputils';
import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type JobsApi, tryImport } from '../jobs';
import type { Consent, JobOrder } from '../jobs/tokens';
import { ApiError, asProblem } from '../servers/request';
import type { ITrackingServers, Problem } from '../servers/tokens';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import { type EnvironmentsApi } from './api';
import { showCreation } from './by-hand';
import { chooseKernel } from './chooser';
import { wishFor } from './draft';
import { showInDialog } from '../ui/body-dialog';
import { JobPane } from './job-pane';
import { RefusalPane } from './refusal';
import { proofOf, prove, switchKernel, type TryImport } from './proof';
import type {
  EnvironmentWish,
  IEnvironmentActions,
  KernelHolder,
  ShownOrder
} from './tokens';
import { Tickets } from './tickets';
import { Undertaking, type FindHolder } from './undertaking';
import { Wizard } from './wizard';
import { jobWords } from './words';

export interface EnvironmentActionsOptions {
  readonly ui: UiServices;
  readonly jobs: JobsApi;
  readonly environments: EnvironmentsApi;
  readonly servers: Pick<ITrackingServers, 'health'>;
  readonly state: IStateDB;
  readonly refreshKernels: () => Promise<void>;
  /** A job has ended: environments and kernels may be others. */
  readonly onEnded: () => void;
  readonly find: FindHolder;
  /** The code of a notebook's cells. */
  readonly sources: (on: KernelHolder) => ReadonlyArray<string>;
}

/** Does what wizard, page and doctor offer, each in a dialog; a job goes on when its dialog is closed, and tells its end. */
export class EnvironmentActions implements Omit<IEnvironmentActions, 'ended'> {
  constructor(private readonly _options: EnvironmentActionsOptions) {
    this._tickets = new Tickets(_options.state);
  }

  async create(
    wish: EnvironmentWish | null,
    on: KernelHolder | null
  ): Promise<void> {
    const { ui, environments, servers, refreshKernels, sources } =
      this._options;
    let undertaking: Undertaking | null = null;
    const machine = (signal: AbortSignal) => environments.list(false, signal);
    const imports = (signal: AbortSignal) =>
      on?.notebook
        ? environments.imports(
            sources(on),
            on.notebook.split('/').slice(0, -1).join('/'),
            signal
          )
        : Promise.resolve([]);
    await showInDialog(
      ui,
      this._trans.__('Create an Environment with MLflow'),
      close => (
        <Wizard
          wish={wish}
          on={on}
          serverVersion={servers.health.version}
          machine={machine}
          imports={imports}
          begin={async order => {
            undertaking = await this._begin(order, order.name ?? '', on);
            return undertaking;
          }}
          refreshKernels={refreshKernels}
          tryImport={this._tryImport}
          onClose={close}
        />
      )
    );
    this._release(undertaking, on);
  }

  async run(
    order: ShownOrder,
    label: string,
    on: KernelHolder | null,
    module = 'mlflow'
  ): Promise<void> {
    try {
      const undertaking = await this._begin(order, label, on, module);
      await this._show(undertaking, on);
    } catch (reason) {
      await this._refused(order, label, on, module, reason);
    }
  }

  async switchKernel(name: string | null, on: KernelHolder): Promise<void> {
    const { ui, environments, refreshKernels } = this._options;
    const chosen = await chooseKernel(ui, environments, {
      proposed: name,
      present: on.context.session?.kernel?.name ?? null
    });
    if (chosen === null) {
      return;
    }
    const trans = this._trans;
    const work = refreshKernels()
      .then(() => switchKernel(on, chosen))
      .then(() => prove(on.watch, 'mlflow', this._tryImport));
    Notification.promise(
      work.then(answer => {
        const proof = proofOf(answer, trans);
        if (proof.ok === false) {
          throw new Error(proof.message);
        }
        return proof.message;
      }),
      {
        // Without a time they would stand behind the bell alone.
        pending: {
          message: trans.__('Switching the kernel…'),
          options: { autoClose: false }
        },
        success: {
          message: message => String(message),
          options: { autoClose: 8000 }
        },
        error: {
          message: reason => asProblem(reason).message,
          options: { autoClose: false }
        }
      }
    );
    await work.catch(() => undefined);
  }

  /** Tells of jobs that the page before a reload began. */
  async resume(): Promise<void> {
    const { jobs, find } = this._options;
    for (const ticket of await this._tickets.all()) {
      const on = ticket.path === null ? null : find(ticket.path);
      const undertaking = new Undertaking(
        jobs,
        ticket.kind,
        ticket.label,
        ticket.path,
        ticket.module
      );
      await undertaking.follower.resume(ticket.jobId);
      this._untilEnd(undertaking);
      this._release(undertaking, on);
    }
  }

  private readonly _tryImport: TryImport = (kernelId, module) =>
    tryImport(this._options.jobs, kernelId, module);

  private get _trans(): TranslationBundle {
    return this._options.ui.translator.load(TRANSLATION_DOMAIN);
  }

  private async _begin(
    order: JobOrder,
    label: string,
    on: KernelHolder | null,
    module = 'mlflow'
  ): Promise<Undertaking> {
    const path = on?.context.path ?? null;
    const undertaking = new Undertaking(
      this._options.jobs,
      order.kind,
      label,
      path,
      module
    );
    await undertaking.follower.begin(order);
    await this._tickets.remember(undertaking.ticket, true);
    this._untilEnd(undertaking);
    return undertaking;
  }

  /** Forgets the job when it has ended, and lets others look at what it did. */
  private _untilEnd(undertaking: Undertaking): void {
    const { refreshKernels, onEnded } = this._options;
    const { follower, ticket } = undertaking;
    const look = (): void => {
      if (['done', 'failed', 'cancelled'].includes(follower.progress.phase)) {
        follower.changed.disconnect(look);
        void this._tickets.remember(ticket, false);
        void refreshKernels().then(onEnded, onEnded);
      }
    };
    follower.changed.connect(look);
    look();
  }

  private async _show(
    undertaking: Undertaking,
    holder: KernelHolder | null
  ): Promise<void> {
    const { ui, refreshKernels, find } = this._options;
    const { kind, label, path } = undertaking;
    // After a reload its notebook may be opened later than the job is found.
    const on = holder ?? (path === null ? null : find(path));
    await showInDialog(
      ui,
      jobWords(kind, label, this._trans).running.replace('…', ''),
      close => (
        <JobPane
          undertaking={undertaking}
          on={on}
          refreshKernels={refreshKernels}
          tryImport={this._tryImport}
          onClose={close}
        />
      )
    );
    this._release(undertaking, on);
  }

  /** Its dialog was closed: one that runs is followed until it ends, and then told of. */
  private _release(
    undertaking: Undertaking | null,
    on: KernelHolder | null
  ): void {
    if (undertaking === null) {
      return;
    }
    const { follower, kind, label } = undertaking;
    const words = jobWords(kind, label, this._trans);
    if (follower.progress.phase !== 'running') {
      void this._tickets.remember(undertaking.ticket, false);
      return;
    }
    const show = {
      label: this._trans.__('Show'),
      callback: () => {
        watching.dispose();
        follower.changed.disconnect(tell);
        void this._show(undertaking, on);
      }
    };
    const id = Notification.emit(words.running, 'in-progress', {
      autoClose: false,
      actions: [show]
    });
    const tell = (): void => {
      const { phase, problem } = follower.progress;
      if (phase === 'running') {
        return;
      }
      watching.dispose();
      follower.changed.disconnect(tell);
      void this._tickets.remember(undertaking.ticket, false);
      Notification.update({
        id,
        type: phase === 'done' ? 'success' : 'error',
        message:
          phase === 'done'
            ? words.done
            : [words.failed, problem?.message].filter(Boolean).join(': '),
        autoClose: phase === 'cancelled' ? 3000 : false,
        actions: [show]
      });
    };
    follower.changed.connect(tell);
    const watching = follower.watch();
  }

  /** Says why not; where it is the person's word that is missing, asks for it. */
  private async _refused(
    order: ShownOrder,
    label: string,
    on: KernelHolder | null,
    module: string,
    reason: unknown
  ): Promise<void> {
    const problem: Problem = asProblem(reason);
    const consent =
      reason instanceof ApiError && isConsent(reason.consent)
        ? reason.consent
        : null;
    const canInstead = order.kind === 'install';
    let next: (() => Promise<void>) | null = null;
    await showInDialog(
      this._options.ui,
      jobWords(order.kind, label, this._trans).failed,
      close => (
        <RefusalPane
          problem={problem}
          consentLabel={consent ? this._trans.__('Install here anyway') : null}
          onConsent={() => {
            next = () =>
              this.run(
                { ...order, consent: consent ? [consent] : [] } as ShownOrder,
                label,
                on,
                module
              );
            close();
          }}
          onInstead={
            canInstead
              ? () => {
                  next = () => this.create(wishFor(order.packages), on);
                  close();
                }
              : null
          }
          onCommands={
            canInstead
              ? () => {
                  const { ui, environments } = this._options;
                  next = () =>
                    showCreation(ui, environments, wishFor(order.packages));
                  close();
                }
              : null
          }
          onClose={close}
        />
      )
    );
    await (next as (() => Promise<void>) | null)?.();
  }

  private readonly _tickets: Tickets;
}

function isConsent(value: string | null): value is Consent {
  return value === 'system' || value === 'conda-base';
}
