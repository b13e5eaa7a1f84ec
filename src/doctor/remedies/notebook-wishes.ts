import * as v from 'valibot';
import { RouteClient } from '../../servers/request';

/** What a person wants of the kernels of one notebook, kept where it can act before the page does. */
export class NotebookWishesApi extends RouteClient {
  /**
   * Lets new kernels of the notebook log to this server.
   *
   * @param notebook - from Jupyter's root.
   * @param serverId - null: forgets the one that was chosen.
   */
  async remember(notebook: string, serverId: string | null): Promise<void> {
    await this.request(v.unknown(), 'PATCH', 'preferences', {
      body: { notebooks: { [notebook]: { server_id: serverId } } }
    });
  }
}
