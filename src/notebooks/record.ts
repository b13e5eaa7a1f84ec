import * as v from 'valibot';
import { ApiError } from '../servers';
import { RouteClient } from '../servers/request';

const record = v.pipe(
  v.object({ id: v.string(), path: v.string() }),
  v.readonly()
);

/** A notebook as the Jupyter server keeps it: the id stays when the notebook is renamed. */
export type NotebookRecord = v.InferOutput<typeof record>;

/** The Jupyter server's record of notebooks. */
export class NotebookRecords extends RouteClient {
  /** Null where the server keeps no such record. @throws NetworkError without an answer. */
  byPath(path: string, signal?: AbortSignal): Promise<NotebookRecord | null> {
    return this._read({ path }, signal);
  }

  /** Null for an id that is not this person's, or not known any more. @throws NetworkError without an answer. */
  byId(id: string, signal?: AbortSignal): Promise<NotebookRecord | null> {
    return this._read({ id }, signal);
  }

  private async _read(
    query: Record<string, string>,
    signal?: AbortSignal
  ): Promise<NotebookRecord | null> {
    const search = new URLSearchParams(query).toString();
    try {
      return await this.request(record, 'GET', `notebooks?${search}`, {
        signal
      });
    } catch (reason) {
      if (reason instanceof ApiError) {
        return null;
      }
      throw reason;
    }
  }
}
