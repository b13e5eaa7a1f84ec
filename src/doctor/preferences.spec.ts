import type { ITrackingServers } from '../servers/tokens';
import { Signal } from '@lumino/signaling';
import { keepPreferences } from './preferences';
import { Wishes } from './wishes';

type Kept = {
  run_tags: boolean;
  connect: 'ask' | 'always' | 'never';
  experiment: 'ask' | 'always' | 'never';
  server_id: string | null;
  panel_server_id: string | null;
};

function setUp(kept: Kept) {
  const written: Array<Partial<Kept>> = [];
  const api = {
    read: () => Promise.resolve(kept),
    write: (body: Partial<Kept>) => {
      written.push(body);
      kept = { ...kept, ...body };
      return Promise.resolve(kept);
    }
  };
  const servers = {
    current: null as { id: string } | null,
    currentChanged: new Signal<object, unknown>({}),
    activate: () => undefined
  };
  const wishes = new Wishes();
  keepPreferences(api, wishes, servers as unknown as ITrackingServers);
  return { written, wishes, servers };
}

/** All promises that are under way have been kept. */
const settled = () => new Promise(resolve => setTimeout(resolve));

const DEFAULTS: Kept = {
  run_tags: true,
  connect: 'ask',
  experiment: 'ask',
  server_id: null,
  panel_server_id: null
};

describe('keepPreferences', () => {
  it('should write nothing that the server has already', async () => {
    const { written, wishes } = setUp(DEFAULTS);
    wishes.take({});
    await settled();
    expect(written).toEqual([]);
  });

  it('should write nothing before the settings are read', async () => {
    const { written } = setUp({ ...DEFAULTS, run_tags: false });
    await settled();
    expect(written).toEqual([]);
  });

  it('should tell the server of changed settings, and of the server that kernels are to use', async () => {
    const { written, wishes, servers } = setUp(DEFAULTS);
    wishes.take({
      runTags: false,
      connectKernels: 'always',
      experimentForNotebook: 'never'
    });
    await settled();
    servers.current = { id: 'team' };
    servers.currentChanged.emit(null);
    await settled();
    expect(written).toEqual([
      {
        run_tags: false,
        connect: 'always',
        experiment: 'never',
        server_id: null,
        panel_server_id: null
      },
      {
        run_tags: false,
        connect: 'always',
        experiment: 'never',
        server_id: 'team',
        panel_server_id: 'team'
      }
    ]);
  });

  it('should tell which server the panel shows, as %mlflow connect means that one', async () => {
    const { written, wishes, servers } = setUp({
      ...DEFAULTS,
      panel_server_id: 'old'
    });
    wishes.take({});
    await settled();
    expect(written).toEqual([]);
    servers.current = { id: 'new' };
    servers.currentChanged.emit(null);
    await settled();
    expect(written).toEqual([{ ...DEFAULTS, panel_server_id: 'new' }]);
  });
});
