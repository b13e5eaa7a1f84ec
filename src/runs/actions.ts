import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { RunsApi } from '../mlflow';
import type { ITrackingServers } from '../servers/tokens';
import { askName } from '../ui/ask-name';
import { copyText } from '../ui/clipboard';
import { confirmDestructive } from '../ui/dialogs';
import { describeError } from '../ui/errors';
import { cachedListings, invalidateRuns } from './queries';
import { clientOf, queriesOf } from '../servers';

/** Runs of one server. */
export interface RunRefs {
  readonly serverId: string;
  readonly runIds: ReadonlyArray<string>;
}

/** MLflow's own limit of a run's name: it is kept as a tag. */
const MAX_NAME = 500;

/** Requests of one bulk action that are on their way at the same time. */
const PARALLEL = 4;

/** A bulk action of more runs than this tells how far it is. */
const TELL_FROM = 20;

export interface RunActionsOptions {
  readonly servers: ITrackingServers;
  readonly trans: TranslationBundle;
}

/** What a person can do with runs in a list; asks before anything is lost, and tells what went wrong. */
export class RunActions {
  constructor(private readonly _options: RunActionsOptions) {}

  async rename(serverId: string, runId: string): Promise<void> {
    const { trans } = this._options;
    const before = await this._nameOf(serverId, runId);
    if (before === null) {
      return;
    }
    const name = await askName({
      title: trans.__('Rename Run'),
      label: trans.__('New name'),
      value: before,
      action: trans.__('Rename'),
      trans,
      check: text =>
        text.length > MAX_NAME
          ? trans.__(
              'A name has at most %1 characters; this one has %2.',
              MAX_NAME,
              text.length
            )
          : null,
      submit: async text => {
        if (text !== before) {
          await this._api(serverId).update(runId, { name: text });
        }
      }
    });
    if (name !== null && name !== before) {
      this._listings(serverId).forEach(listing =>
        listing.columns.rename(runId, name)
      );
      await this._changed(serverId);
    }
  }

  /** Deletes runs after the person agreed. @returns the ids of those that are deleted now. */
  async delete(refs: RunRefs): Promise<ReadonlyArray<string>> {
    const { trans } = this._options;
    const count = refs.runIds.length;
    const name =
      count === 1 ? await this._nameOf(refs.serverId, refs.runIds[0]) : '';
    if (count === 0 || name === null) {
      return [];
    }
    const agreed = await confirmDestructive({
      title: trans._n('Delete the run?', 'Delete %1 runs?', count, count),
      body:
        count === 1
          ? trans.__(
              '“%1” will be hidden for everybody who uses this tracking server. It can be restored under “Deleted” until somebody empties it with "mlflow gc".',
              name
            )
          : trans.__(
              'They will be hidden for everybody who uses this tracking server. They can be restored under “Deleted” until somebody empties it with "mlflow gc".'
            ),
      action: trans.__('Delete'),
      trans
    });
    if (!agreed) {
      return [];
    }
    const done = await this._each(
      refs,
      id => this._api(refs.serverId).delete(id),
      {
        progress: (at, of) => trans.__('Deleting runs: %1 of %2', at, of),
        failure: (failed, of) =>
          trans._n(
            '%1 of %2 runs could not be deleted.',
            '%1 of %2 runs could not be deleted.',
            failed,
            failed,
            of
          )
      }
    );
    this._listings(refs.serverId)
      .filter(listing => listing.query.viewType === 'ACTIVE_ONLY')
      .forEach(listing => listing.columns.remove(done));
    await this._changed(refs.serverId);
    return done;
  }

  /** Brings deleted runs back. @returns the ids of those that are active again. */
  async restore(refs: RunRefs): Promise<ReadonlyArray<string>> {
    const { trans } = this._options;
    const done = await this._each(
      refs,
      id => this._api(refs.serverId).restore(id),
      {
        progress: (at, of) => trans.__('Restoring runs: %1 of %2', at, of),
        failure: (failed, of) =>
          trans._n(
            '%1 of %2 runs could not be restored.',
            '%1 of %2 runs could not be restored.',
            failed,
            failed,
            of
          )
      }
    );
    for (const listing of this._listings(refs.serverId)) {
      if (listing.query.viewType === 'DELETED_ONLY') {
        listing.columns.remove(done);
      } else {
        listing.follower.expectMoved();
      }
    }
    await this._changed(refs.serverId);
    return done;
  }

  /** Sets one tag of runs. @returns the ids of those that have it now. */
  async setTag(
    refs: RunRefs,
    key: string,
    value: string
  ): Promise<ReadonlyArray<string>> {
    const { trans } = this._options;
    const done = await this._each(
      refs,
      id => this._api(refs.serverId).setTag(id, key, value),
      {
        progress: (at, of) => trans.__('Tagging runs: %1 of %2', at, of),
        failure: (failed, of) =>
          trans._n(
            '%1 of %2 runs could not be tagged.',
            '%1 of %2 runs could not be tagged.',
            failed,
            failed,
            of
          )
      }
    );
    await this._changed(refs.serverId);
    return done;
  }

  async copyId(runId: string): Promise<void> {
    await copyText(runId);
    Notification.success(this._options.trans.__('Run id copied'), {
      autoClose: 2000
    });
  }

  /** Does something to each run, a few at a time, and tells of those where it failed. */
  private async _each(
    refs: RunRefs,
    act: (runId: string) => Promise<unknown>,
    words: {
      progress: (at: number, of: number) => string;
      failure: (failed: number, of: number) => string;
    }
  ): Promise<string[]> {
    const { trans } = this._options;
    const waiting = [...refs.runIds];
    const of = waiting.length;
    const done: string[] = [];
    const failures: unknown[] = [];
    const telling =
      of >= TELL_FROM
        ? Notification.emit(words.progress(0, of), 'in-progress', {
            autoClose: false
          })
        : null;
    const worker = async (): Promise<void> => {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
        try {
          await act(id);
          done.push(id);
        } catch (reason) {
          failures.push(reason);
        }
        if (telling !== null) {
          Notification.update({
            id: telling,
            message: words.progress(done.length, of),
            progress: done.length / of
          });
        }
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    if (telling !== null) {
      Notification.dismiss(telling);
    }
    if (failures.length > 0) {
      const { message, hint } = describeError(failures[0], trans);
      const many = of > 1 ? `${words.failure(failures.length, of)} ` : '';
      Notification.error(`${many}${message} ${hint}`.trim(), {
        autoClose: 8000
      });
    }
    return done;
  }

  /** The name as it is known, or as the server says it; null after telling that there is no such run. */
  private async _nameOf(
    serverId: string,
    runId: string
  ): Promise<string | null> {
    for (const { columns } of this._listings(serverId)) {
      const slot = columns.slotOf(runId);
      if (slot !== undefined) {
        return columns.rows.name(slot);
      }
    }
    try {
      return (await this._api(serverId).get(runId)).info.name;
    } catch (reason) {
      const { message, hint } = describeError(reason, this._options.trans);
      Notification.error(`${message} ${hint}`.trim(), { autoClose: 8000 });
      return null;
    }
  }

  private _api(serverId: string): RunsApi {
    return clientOf(this._options.servers, serverId).runs;
  }

  private _listings(serverId: string) {
    return cachedListings(queriesOf(this._options.servers), serverId);
  }

  private _changed(serverId: string): Promise<void> {
    return invalidateRuns(queriesOf(this._options.servers), serverId);
  }
}
