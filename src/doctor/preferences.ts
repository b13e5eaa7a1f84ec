import * as v from 'valibot';
import { RouteClient } from '../servers/request';
import type { ITrackingServers } from '../servers/tokens';
import type { Wishes } from './wishes';

const preferences = v.object({
  run_tags: v.boolean(),
  connect: v.picklist(['ask', 'always', 'never']),
  experiment: v.picklist(['ask', 'always', 'never']),
  server_id: v.nullable(v.string()),
  panel_server_id: v.nullable(v.string())
});

type Preferences = v.InferOutput<typeof preferences>;

/** What one notebook wants, by its path; what is not named stays as it is. */
interface Remembered {
  readonly notebooks: Readonly<
    Record<string, { readonly experiment: string | null }>
  >;
}

/** What the server must know of the settings, where it acts before the page does: when a kernel starts. */
export class PreferencesApi extends RouteClient {
  read(): Promise<Preferences> {
    return this.request(preferences, 'GET', 'preferences');
  }

  write(body: Partial<Preferences & Remembered>): Promise<Preferences> {
    return this.request(preferences, 'PATCH', 'preferences', { body });
  }
}

/** Tells the server what of the settings is new, one request at a time. */
export function keepPreferences(
  api: Pick<PreferencesApi, 'read' | 'write'>,
  wishes: Wishes,
  servers: ITrackingServers
): void {
  let told: Promise<void> = Promise.resolve();
  const tell = async (): Promise<void> => {
    const { runTags, connectKernels, experimentForNotebook } = wishes.current;
    const before = await api.read();
    const wanted = {
      run_tags: runTags,
      connect: connectKernels,
      experiment: experimentForNotebook,
      // Before the panel was shown nobody knows which server it shows.
      server_id:
        connectKernels === 'always' && servers.current
          ? servers.current.id
          : before.server_id,
      panel_server_id: servers.current?.id ?? before.panel_server_id
    };
    if (
      wanted.run_tags !== before.run_tags ||
      wanted.connect !== before.connect ||
      wanted.experiment !== before.experiment ||
      wanted.server_id !== before.server_id ||
      wanted.panel_server_id !== before.panel_server_id
    ) {
      await api.write(wanted);
    }
  };
  const later = (): void => {
    if (!wishes.areRead) {
      return;
    }
    if (wishes.current.connectKernels === 'always') {
      servers.activate();
    }
    told = told.then(tell).catch((reason: unknown) => {
      console.warn('The settings of kernels could not be kept.', reason);
    });
  };
  wishes.changed.connect(later);
  servers.currentChanged.connect(later);
  later();
}
