import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ComponentType } from 'react';
import type { Run, RunsApi } from '../../mlflow';
import type { CellOrigin, CellPlace, CellPlaces } from '../../notebooks';
import type { IExecutionViews } from '../../recorder/tokens';
import type { ITrackingServers, TrackingServer } from '../../servers/tokens';
import { copyText } from '../../ui/clipboard';
import { describeError } from '../../ui/errors';
import type { IViews } from '../../ui/views';
import type { RunActions } from '../actions';
import type { RunRef } from '../commands-tokens';
import type { CodeTarget } from './code-target';
import { loadCode, uriForKernel } from './load-code';
import { modelsOfRun } from './models-of-run';
import { hasOwnPage, ownPageUrl } from './own-page';
import { invalidateRuns } from '../queries';
import { clientOf, queriesOf } from '../../servers';

export interface RunPageActionsOptions {
  /** Renames, deletes and restores, in lists as here. */
  readonly runs: RunActions;
  readonly servers: ITrackingServers;
  readonly views: IViews;
  readonly notebook: CodeTarget;
  /** Null where there are no notebooks. */
  readonly cells: Pick<CellPlaces, 'locate' | 'show'> | null;
  /** Null where nothing is recorded. */
  readonly executions?: IExecutionViews | null;
  readonly trans: TranslationBundle;
  readonly openBrowserTab: (url: string) => void;
}

/** What a person can do with a run; asks before anything is hidden, and tells what went wrong. */
export class RunPageActions {
  constructor(private readonly _options: RunPageActionsOptions) {}

  open(ref: RunRef): void {
    this._options.views.open({
      kind: 'run',
      serverId: ref.serverId,
      args: { runId: ref.runId }
    });
  }

  async rename(ref: RunRef): Promise<void> {
    await this._options.runs.rename(ref.serverId, ref.runId);
  }

  /** Deletes a run after the person agreed. */
  async delete(ref: RunRef): Promise<void> {
    const { serverId, runId } = ref;
    await this._options.runs.delete({ serverId, runIds: [runId] });
  }

  async restore(ref: RunRef): Promise<void> {
    const { serverId, runId } = ref;
    await this._options.runs.restore({ serverId, runIds: [runId] });
  }

  async copyId(ref: RunRef): Promise<void> {
    await copyText(ref.runId);
  }

  /** Copies an address that opens the run in Jupyter. */
  async copyLink(ref: RunRef): Promise<void> {
    await copyText(
      this._options.views.shareUrl({
        kind: 'run',
        serverId: ref.serverId,
        args: { runId: ref.runId }
      })
    );
  }

  get canInsert(): boolean {
    return this._options.notebook.name !== null;
  }

  /** Inserts the code that loads the run below the active cell of the notebook that was used last. */
  async insertCode(ref: RunRef): Promise<void> {
    const { servers, notebook } = this._options;
    const run = await this._read(ref);
    const server = this._server(ref.serverId);
    if (!run || !server) {
      return;
    }
    let code: string;
    try {
      const client = clientOf(servers, ref.serverId);
      const { loggedModels } = await client.capabilities();
      const logged = loggedModels
        ? await client.loggedModels.search({
            experimentIds: [run.info.experimentId],
            filter: `source_run_id = '${run.info.id}'`
          })
        : { items: [] };
      code = loadCode({
        runId: run.info.id,
        trackingUri: uriForKernel(server),
        models: modelsOfRun(run, logged.items)
      });
    } catch (reason) {
      this._tell(reason);
      return;
    }
    await notebook.insert(code);
  }

  /** Where the cell that made a run is; null where nothing tells. @throws NetworkError or ResponseError. */
  async locateCell(
    origin: CellOrigin,
    signal?: AbortSignal
  ): Promise<CellPlace | null> {
    return (await this._options.cells?.locate(origin, signal)) ?? null;
  }

  /** Shows the cell that made a run, if it is there. @throws NetworkError or ResponseError. */
  async showCell(origin: CellOrigin): Promise<CellPlace | null> {
    return (await this._options.cells?.show(origin)) ?? null;
  }

  /** What draws the execution that made a run; null where it is not kept here. @throws NetworkError. */
  async executionOf(
    executionId: string,
    signal?: AbortSignal
  ): Promise<ComponentType | null> {
    const { executions } = this._options;
    return (await executions?.view(executionId, signal)) ?? null;
  }

  /** Whether the server has a page of its own that a browser can open. */
  hasOwnPage(serverId: string): boolean {
    return hasOwnPage(this._options.servers, serverId);
  }

  async openOwnPage(ref: RunRef): Promise<void> {
    const run = await this._read(ref);
    const url =
      run &&
      ownPageUrl(
        this._server(ref.serverId),
        run.info.experimentId,
        run.info.id
      );
    if (url) {
      this._options.openBrowserTab(url);
    }
  }

  async refresh(ref: RunRef): Promise<void> {
    const queryClient = queriesOf(this._options.servers);
    await Promise.all(
      ['run', 'artifacts'].map(room =>
        queryClient.invalidateQueries({
          queryKey: [ref.serverId, room, ref.runId]
        })
      )
    );
  }

  /** Sets a tag. @throws MlflowError, for the form it was typed into. */
  async setTag(ref: RunRef, key: string, value: string): Promise<void> {
    await this._api(ref).setTag(ref.runId, key, value);
    await this._changed(ref);
  }

  /** Deletes a tag. @throws MlflowError, for the form it stands in. */
  async deleteTag(ref: RunRef, key: string): Promise<void> {
    await this._api(ref).deleteTag(ref.runId, key);
    await this._changed(ref);
  }

  private _api(ref: RunRef): RunsApi {
    return clientOf(this._options.servers, ref.serverId).runs;
  }

  private _server(serverId: string): TrackingServer | undefined {
    return this._options.servers.servers.find(({ id }) => id === serverId);
  }

  /** The run as it is now, or null after telling why not. */
  private async _read(ref: RunRef): Promise<Run | null> {
    try {
      return await this._api(ref).get(ref.runId);
    } catch (reason) {
      this._tell(reason);
      return null;
    }
  }

  private async _changed(ref: RunRef): Promise<void> {
    await invalidateRuns(queriesOf(this._options.servers), ref.serverId);
  }

  private _tell(reason: unknown): void {
    const { message, hint } = describeError(reason, this._options.trans);
    Notification.error([message, hint].filter(Boolean).join(' '), {
      autoClose: 8000
    });
  }
}
