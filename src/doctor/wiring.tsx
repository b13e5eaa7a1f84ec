import type { ISessionContext } from '@jupyterlab/apputils';
import type { ConsolePanel } from '@jupyterlab/console';
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import type { ServerConnection } from '@jupyterlab/services';
import type { IStateDB } from '@jupyterlab/statedb';
import type { ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';
import '../../style/doctor.css';
import { JobsApi } from '../jobs';
import { KernelsApi } from '../kernel/api';
import type { IKernelEnvironments } from '../kernel/tokens';
import { ServersApi } from '../servers/api';
import type { ITrackingServers } from '../servers/tokens';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import { Popover } from '../ui/popover';
import { ActiveDoctor } from './active';
import { DoctorBlock } from './block';
import { ConsoleDoctor } from './console';
import type { DoctorServices } from './context';
import { followActiveNotebook } from './follow';
import type { DoctorMark } from './mark';
import { Memory } from './memory';
import { KernelDoctor } from './model';
import { NotebookDoctor } from './notebook';
import { keepPreferences, PreferencesApi } from './preferences';
import type { IRemedies } from './remedy-tokens';
import { ServerVersions } from './server-versions';
import { Kernelspecs } from './specs';
import type { Wishes } from './wishes';
import { explainAbsence } from './without-kernel';

export interface DoctorGiven {
  readonly ui: UiServices;
  readonly settings: ServerConnection.ISettings;
  /** Jupyter has other kernelspecs than before. */
  readonly kernelspecsChanged: ISignal<unknown, unknown>;
  readonly environments: IKernelEnvironments;
  readonly servers: ITrackingServers;
  readonly remedies: IRemedies | null;
  readonly state: IStateDB;
  readonly wishes: Wishes;
}

/** Looks after open notebooks and consoles; made when the first one is opened. */
export class Doctor {
  constructor(private readonly _given: DoctorGiven) {
    const { settings, environments, servers, wishes, state } = _given;
    this._specs = new Kernelspecs(settings, _given.kernelspecsChanged);
    this._versions = new ServerVersions(new ServersApi(settings));
    this._kernels = new KernelsApi(settings);
    this._jobs = new JobsApi(settings);
    this._memory = new Memory(state);
    this.active = new ActiveDoctor(environments);
    this._preferences = new PreferencesApi(settings);
    keepPreferences(this._preferences, wishes, servers);
    followActiveNotebook(environments, servers, wishes);
    NotebookActions.executed.connect((_, { notebook, cell, success }) => {
      for (const [panel, doctor] of this._notebooks) {
        if (panel.content === notebook) {
          doctor.onExecuted(cell, success);
        }
      }
    });
  }

  /** The one in use. */
  readonly active: ActiveDoctor;

  /** What looks after a notebook; the same for the same notebook. */
  of(panel: NotebookPanel): NotebookDoctor {
    let doctor = this._notebooks.get(panel);
    if (!doctor) {
      const { ui, wishes } = this._given;
      doctor = new NotebookDoctor(
        ui,
        this._servicesOf(panel.sessionContext, () => panel.context.localPath),
        panel,
        { wishes, memory: this._memory }
      );
      this._notebooks.set(panel, doctor);
      this._keep(panel, doctor, this._notebooks);
    }
    return doctor;
  }

  /** What looks after a console; the same for the same console. */
  ofConsole(panel: ConsolePanel): ConsoleDoctor {
    let doctor = this._consoles.get(panel);
    if (!doctor) {
      doctor = new ConsoleDoctor(
        this._servicesOf(panel.sessionContext, () => null),
        panel
      );
      this._consoles.set(panel, doctor);
      this._keep(panel, doctor, this._consoles);
    }
    return doctor;
  }

  /** Until the notebook or console is closed. */
  private _keep<P extends Widget, D extends NotebookDoctor | ConsoleDoctor>(
    panel: P,
    doctor: D,
    all: Map<P, D>
  ): void {
    this.active.add(doctor.services);
    panel.disposed.connect(() => {
      this.active.remove(doctor.services);
      all.delete(panel);
      doctor.dispose();
    });
  }

  /** Lets a mark say how a kernel is, and more on a click. */
  attend(services: DoctorServices, mark: DoctorMark): void {
    const { doctor } = services;
    const draw = (): void => {
      if (!mark.isDisposed) {
        mark.draw(doctor.view.mark);
      }
    };
    doctor.changed.connect(draw);
    mark.disposed.connect(() => {
      doctor.changed.disconnect(draw);
    });
    mark.asked.connect(() => {
      this._toggle(mark, services);
    });
    draw();
  }

  private _toggle(mark: DoctorMark, services: DoctorServices): void {
    const { ui, servers } = this._given;
    const before = this._open;
    const wasOpen = before !== null && !before.popover.isDisposed;
    before?.popover.dispose();
    this._open = null;
    if (wasOpen && before.mark === mark) {
      return;
    }
    servers.activate();
    const trans = ui.translator.load(TRANSLATION_DOMAIN);
    const popover = new Popover(
      ui,
      mark.button,
      trans.__('MLflow in this kernel'),
      () => <DoctorBlock services={services} />
    );
    popover.open();
    // How the panel's server is belongs to what is shown, panel or not.
    const watching = servers.watch();
    popover.disposed.connect(() => {
      watching.dispose();
    });
    this._open = { mark, popover };
    mark.disposed.connect(() => {
      popover.dispose();
    });
  }

  private _servicesOf(
    context: ISessionContext,
    notebook: () => string | null
  ): DoctorServices {
    const { ui, environments, servers, remedies, wishes } = this._given;
    explainAbsence(context, this._specs);
    return {
      doctor: new KernelDoctor({
        watch: environments.of(context),
        context,
        servers,
        wishes,
        specs: this._specs,
        versions: this._versions,
        tryImport: async kernel_id => {
          if (servers.features.jobs) {
            await this._jobs.create({
              kind: 'check-imports',
              kernel_id,
              background: true
            });
          }
        },
        trans: ui.translator.load(TRANSLATION_DOMAIN)
      }),
      context,
      notebook,
      remedies,
      kernels: this._kernels,
      experiments: {
        remember: (path, experiment) =>
          this._preferences.write({ notebooks: { [path]: { experiment } } })
      }
    };
  }

  private _open: { mark: DoctorMark; popover: Popover } | null = null;
  private readonly _specs: Kernelspecs;
  private readonly _versions: ServerVersions;
  private readonly _kernels: KernelsApi;
  private readonly _jobs: JobsApi;
  private readonly _memory: Memory;
  private readonly _preferences: PreferencesApi;
  private readonly _notebooks = new Map<NotebookPanel, NotebookDoctor>();
  private readonly _consoles = new Map<ConsolePanel, ConsoleDoctor>();
}
