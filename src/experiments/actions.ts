import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Experiment, ExperimentsApi } from '../mlflow';
import type { ITrackingServers } from '../servers/tokens';
import { askName } from '../ui/ask-name';
import { copyText } from '../ui/clipboard';
import { confirmDestructive } from '../ui/dialogs';
import { describeError } from '../ui/errors';
import type { ExperimentsModel } from './model';
import { invalidateExperiments } from './queries';
import type { ISelectedExperiment } from './tokens';
import { clientOf, queriesOf } from '../servers';

/** MLflow's own limit. */
const MAX_NAME = 500;

/** An experiment of a server. */
export interface ExperimentRef {
  readonly serverId: string;
  readonly experimentId: string;
}

export interface ActionsOptions {
  readonly servers: ITrackingServers;
  readonly selection: ISelectedExperiment;
  readonly model: ExperimentsModel;
  readonly trans: TranslationBundle;
}

/** What a person can do with an experiment; asks before anything is lost, and tells what went wrong. */
export class ExperimentActions {
  constructor(private readonly _options: ActionsOptions) {}

  /** Asks for a name, creates the experiment and selects it. */
  async create(serverId: string, name = ''): Promise<void> {
    const { trans, selection, model } = this._options;
    let created: string | null = null;
    await askName({
      title: trans.__('New Experiment'),
      label: trans.__('Name of the experiment'),
      value: name,
      action: trans.__('Create'),
      trans,
      check: text => this._check(text),
      submit: async text => {
        created = await this._api(serverId).create(text);
      }
    });
    if (created !== null) {
      model.set({ stage: 'active', search: '' });
      selection.select(serverId, created);
      await this._changed(serverId);
    }
  }

  async rename(ref: ExperimentRef): Promise<void> {
    const { trans } = this._options;
    const experiment = await this._read(ref);
    if (!experiment) {
      return;
    }
    const name = await askName({
      title: trans.__('Rename Experiment'),
      label: trans.__('New name'),
      value: experiment.name,
      action: trans.__('Rename'),
      trans,
      check: text => this._check(text),
      submit: async text => {
        if (text !== experiment.name) {
          await this._api(ref.serverId).update(ref.experimentId, text);
        }
      }
    });
    if (name !== null && name !== experiment.name) {
      await this._changed(ref.serverId);
    }
  }

  /** Deletes an experiment after the person agreed. */
  async delete(ref: ExperimentRef): Promise<void> {
    const { trans, selection } = this._options;
    const experiment = await this._read(ref);
    if (!experiment) {
      return;
    }
    const agreed = await confirmDestructive({
      title: trans.__('Delete the experiment?'),
      body: trans.__(
        '“%1” and its runs will be hidden for everybody who uses this tracking server. They can be restored under “Deleted” until somebody empties it with "mlflow gc". The name stays taken.',
        experiment.name
      ),
      action: trans.__('Delete'),
      trans
    });
    if (
      agreed &&
      (await this._try(ref.serverId, () =>
        this._api(ref.serverId).delete(ref.experimentId)
      )) &&
      selection.get(ref.serverId) === ref.experimentId
    ) {
      selection.select(ref.serverId, null);
    }
  }

  /** Brings a deleted experiment back and selects it. */
  async restore(ref: ExperimentRef): Promise<void> {
    const { selection, model } = this._options;
    if (
      await this._try(ref.serverId, () =>
        this._api(ref.serverId).restore(ref.experimentId)
      )
    ) {
      model.set({ stage: 'active' });
      selection.select(ref.serverId, ref.experimentId);
    }
  }

  async copyId(ref: ExperimentRef): Promise<void> {
    await copyText(ref.experimentId);
  }

  /** Sets a tag. @throws MlflowError, for the form it was typed into. */
  async setTag(ref: ExperimentRef, key: string, value: string): Promise<void> {
    await this._api(ref.serverId).setTag(ref.experimentId, key, value);
    await this._changed(ref.serverId);
  }

  /** Deletes a tag. @throws MlflowError, for the form it stands in. */
  async deleteTag(ref: ExperimentRef, key: string): Promise<void> {
    await this._api(ref.serverId).deleteTag(ref.experimentId, key);
    await this._changed(ref.serverId);
  }

  private _api(serverId: string): ExperimentsApi {
    return clientOf(this._options.servers, serverId).experiments;
  }

  private _check(name: string): string | null {
    return name.length > MAX_NAME
      ? this._options.trans.__(
          'A name has at most %1 characters; this one has %2.',
          MAX_NAME,
          name.length
        )
      : null;
  }

  /** The experiment as it is now, or null after telling why not. */
  private async _read(ref: ExperimentRef): Promise<Experiment | null> {
    try {
      return await this._api(ref.serverId).get(ref.experimentId);
    } catch (reason) {
      this._tell(reason);
      await this._changed(ref.serverId);
      return null;
    }
  }

  /** Whether it worked; why not is told. */
  private async _try(
    serverId: string,
    act: () => Promise<void>
  ): Promise<boolean> {
    let done = true;
    try {
      await act();
    } catch (reason) {
      this._tell(reason);
      done = false;
    }
    // After a failure, too: what the list shows was wrong then.
    await this._changed(serverId);
    return done;
  }

  private async _changed(serverId: string): Promise<void> {
    await invalidateExperiments(queriesOf(this._options.servers), serverId);
  }

  private _tell(reason: unknown): void {
    const { message, hint } = describeError(reason, this._options.trans);
    Notification.error([message, hint].filter(Boolean).join(' '), {
      autoClose: 8000
    });
  }
}
