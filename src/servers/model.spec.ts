import fc from 'fast-check';
import { MlflowError } from '../mlflow';
import { ServersApi } from './api';
import { queriesOf } from './cache';
import { TrackingServers } from './model';
import { LOAD_FACTOR } from './polling';
import { AWAY_AFTER_MS } from './presence';
import {
  CONNECTED,
  failedHealth,
  FakeJupyter,
  listJson,
  serverJson,
  STATUS,
  type Reply
} from './testing/fake-jupyter';

// The clock of the test is not the one that the fake server's answers travel by.
const realTimeout = globalThis.setTimeout;

function turn(): Promise<void> {
  return new Promise(resolve => {
    realTimeout(resolve, 0);
  });
}

const HEALTH_A = 'GET servers/a/health';

function routes(): FakeJupyter['routes'] {
  return {
    'GET status': STATUS,
    'GET servers': listJson([serverJson('a'), serverJson('b')]),
    'GET servers?discover=1': listJson([serverJson('a'), serverJson('b')]),
    [HEALTH_A]: CONNECTED,
    'GET servers/b/health': CONNECTED
  };
}

/** Lets everything that waits for nothing but promises happen. */
async function settle(): Promise<void> {
  await jest.advanceTimersByTimeAsync(0);
  for (let round = 0; round < 20; round++) {
    await Promise.resolve();
  }
  await jest.advanceTimersByTimeAsync(0);
}

describe('TrackingServers', () => {
  let jupyter: FakeJupyter;
  let servers: TrackingServers;
  let visibility: DocumentVisibilityState;
  let remembered: string | null;

  function create(): TrackingServers {
    return new TrackingServers({
      api: new ServersApi(jupyter.settings),
      transport: () => ({
        send: () => Promise.resolve(new Response('{}')),
        url: path => path
      }),
      remembered: () => Promise.resolve(remembered),
      remember: id => {
        remembered = id;
      },
      spread: 0
    });
  }

  beforeEach(() => {
    jest.useFakeTimers();
    visibility = 'visible';
    remembered = null;
    jest
      .spyOn(document, 'visibilityState', 'get')
      .mockImplementation(() => visibility);
    jupyter = new FakeJupyter(routes());
    servers = create();
  });

  afterEach(() => {
    servers.dispose();
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  async function until(condition: () => boolean): Promise<void> {
    for (let round = 0; round < 200 && !condition(); round++) {
      await turn();
      await jest.advanceTimersByTimeAsync(0);
    }
    expect(condition()).toBe(true);
  }

  async function pass(ms: number): Promise<void> {
    // In steps, as answers of the fake need turns of the real loop.
    const step = Math.max(500, ms / 40);
    for (let left = ms; left > 0; left -= step) {
      await jest.advanceTimersByTimeAsync(Math.min(step, left));
      await turn();
      await turn();
    }
    await settle();
  }

  async function connect(): Promise<void> {
    servers.activate();
    servers.watch();
    await until(() => servers.health.state === 'connected');
  }

  function show(next: DocumentVisibilityState): void {
    visibility = next;
    document.dispatchEvent(new Event('visibilitychange'));
  }

  it('should ask nothing of anyone before it is activated', async () => {
    servers.watch();
    await pass(60_000);
    expect(jupyter.arrivals).toEqual([]);
  });

  it('should list once, connect, and then look again every half minute', async () => {
    await connect();
    expect(servers.current?.id).toBe('a');
    expect(servers.rootDir).toBe('/home/ann');
    expect(servers.health).toMatchObject({ version: '3.17.2', latency: 12 });
    await pass(29_000);
    expect(jupyter.count(HEALTH_A)).toBe(1);
    await pass(2000);
    expect(jupyter.count(HEALTH_A)).toBe(2);
    expect(jupyter.count('GET servers?discover=1')).toBe(1);
  });

  it.each([
    ['what was remembered', 'b', 'a', 'b'],
    ['the default, when what was remembered is gone', 'gone', 'b', 'b'],
    ['the first, when nothing else is known', null, null, 'a']
  ])('should choose %s', async (_, before, byDefault, expected) => {
    remembered = before;
    jupyter.routes['GET servers?discover=1'] = listJson(
      [serverJson('a'), serverJson('b')],
      { default: byDefault }
    );
    await connect();
    expect(servers.current?.id).toBe(expected);
  });

  it('should never ask while the tab is hidden, the person away or nobody looks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.constantFrom(
            'hide',
            'show',
            'leave',
            'come',
            'away',
            'input',
            'wait'
          ),
          // Four steps of 71 s: nobody is away for want of an input that the list does not hold.
          { maxLength: 4 }
        ),
        async steps => {
          servers.dispose();
          jupyter = new FakeJupyter(routes());
          visibility = 'visible';
          servers = create();
          servers.activate();
          let watching = servers.watch();
          let isWatched = true;
          let isAway = false;
          await until(() => servers.health.state === 'connected');
          for (const step of steps) {
            switch (step) {
              case 'hide':
                show('hidden');
                break;
              case 'show':
                isAway = false;
                show('visible');
                break;
              case 'leave':
                watching.dispose();
                isWatched = false;
                break;
              case 'come':
                watching.dispose();
                watching = servers.watch();
                isWatched = true;
                break;
              case 'away':
                await pass(AWAY_AFTER_MS);
                isAway = true;
                break;
              case 'input':
                isAway = false;
                document.dispatchEvent(new Event('keydown'));
                break;
            }
            await pass(1000);
            const before = jupyter.arrivals.length;
            await pass(70_000);
            const asked = jupyter.arrivals.length - before;
            const isAwake = isWatched && !isAway && visibility === 'visible';
            if (isAwake) {
              expect(asked).toBeGreaterThan(0);
            } else {
              expect(asked).toBe(0);
              expect(
                visibility === 'visible' && !isAway
                  ? false
                  : servers.pollInterval('a', 5)
              ).toBe(false);
            }
          }
        }
      ),
      { numRuns: 15 }
    );
  }, 60_000);

  it('should keep what it knows when the server goes away, ask less often, and come back by itself', async () => {
    await connect();
    const seen = servers.health.lastAnswer;
    const invalidate = jest.spyOn(queriesOf(servers), 'invalidateQueries');
    jupyter.routes[HEALTH_A] = failedHealth('upstream-unreachable');
    servers.probe();
    await until(() => servers.health.state === 'failed');
    expect(servers.health).toMatchObject({
      version: '3.17.2',
      lastAnswer: seen,
      problem: { hint: 'Do this.' }
    });
    expect(servers.pollInterval('a', 5)).toBe(false);
    expect(servers.pollInterval('b', 5)).not.toBe(false);
    const asked = jupyter.count(HEALTH_A);
    await pass(120_000);
    expect(jupyter.count(HEALTH_A) - asked).toBeLessThanOrEqual(6);
    jupyter.routes[HEALTH_A] = CONNECTED;
    await pass(70_000);
    expect(servers.health.state).toBe('connected');
    expect(invalidate).toHaveBeenCalledWith({ queryKey: ['a'] });
  });

  it('should look at once when a view got no answer', async () => {
    await connect();
    jupyter.routes[HEALTH_A] = failedHealth('upstream-unreachable');
    await queriesOf(servers)
      .fetchQuery({
        queryKey: ['a', 'x'],
        retry: false,
        queryFn: () => Promise.reject(new MlflowError('unreachable', 'No.'))
      })
      .catch(() => undefined);
    await until(() => servers.health.state === 'failed');
  });

  it('should let the latest server win over a late answer about another', async () => {
    let release: (reply: Reply) => void = () => undefined;
    jupyter.routes[HEALTH_A] = () =>
      new Promise<Reply>(resolve => {
        release = resolve;
      });
    servers.activate();
    servers.watch();
    await until(() => jupyter.count(HEALTH_A) === 1);
    servers.select('b');
    await until(() => servers.health.state === 'connected');
    release(failedHealth('upstream-timeout'));
    await pass(1000);
    expect(servers.current?.id).toBe('b');
    expect(servers.health.state).toBe('connected');
    expect(remembered).toBe('b');
  });

  it('should not lose a server that was added while the list was being read', async () => {
    await connect();
    let release: (reply: Reply) => void = () => undefined;
    jupyter.routes['GET servers?discover=1'] = () =>
      new Promise<Reply>(resolve => {
        release = resolve;
      });
    void servers.refresh();
    await until(() => jupyter.count('GET servers?discover=1') === 2);
    const old = release;
    jupyter.routes['POST servers'] = { status: 201, json: serverJson('c') };
    jupyter.routes['GET servers/c/health'] = CONNECTED;
    jupyter.routes['GET servers?discover=1'] = listJson([
      serverJson('a'),
      serverJson('b'),
      serverJson('c')
    ]);
    await servers.add({ uri: 'http://c' });
    old(listJson([serverJson('a'), serverJson('b')]));
    await pass(1000);
    expect(servers.servers.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(servers.current?.id).toBe('c');
  });

  it('should keep nothing of an addition that was refused', async () => {
    await connect();
    jupyter.routes['POST servers'] = {
      status: 400,
      json: { error: { code: 'invalid-uri', message: 'No.', hint: '' } }
    };
    await expect(servers.add({ uri: 'x' })).rejects.toThrow('No.');
    expect(servers.servers).toHaveLength(2);
    expect(servers.current?.id).toBe('a');
  });

  it('should go on with another server when the current one is removed, and forget what it told', async () => {
    await connect();
    queriesOf(servers).setQueryData(['a', 'experiments'], 1);
    jupyter.routes['DELETE servers/a'] = { status: 204 };
    jupyter.routes['GET servers?discover=1'] = listJson([serverJson('b')]);
    await servers.remove('a');
    expect(servers.current?.id).toBe('b');
    expect(
      queriesOf(servers).getQueryData(['a', 'experiments'])
    ).toBeUndefined();
  });

  it('should say why the list cannot be read, and try again', async () => {
    jupyter.routes['GET servers?discover=1'] = new TypeError('Failed to fetch');
    servers.activate();
    servers.watch();
    await until(() => servers.error !== null);
    expect(servers.error?.code).toBe('jupyter-unreachable');
    expect(servers.isLoading).toBe(false);
    jupyter.routes['GET servers?discover=1'] = listJson([serverJson('a')]);
    await pass(6000);
    expect(servers.error).toBeNull();
    expect(servers.current?.id).toBe('a');
  });

  it('should follow a local server while it starts, and read its state when it is there', async () => {
    const local = serverJson('a', {
      kind: 'local',
      state: 'stopped',
      min_poll_interval_ms: 1000
    });
    jupyter.routes['GET servers?discover=1'] = listJson([local]);
    jupyter.routes['GET servers'] = listJson([
      { ...local, state: 'ready', page: 'http://127.0.0.1:1/' }
    ]);
    jupyter.routes[HEALTH_A] = failedHealth(
      'server-starting',
      'It is starting.',
      'starting'
    );
    servers.activate();
    servers.watch();
    await until(() => servers.health.state === 'starting');
    const asked = jupyter.count(HEALTH_A);
    await pass(3000);
    expect(jupyter.count(HEALTH_A) - asked).toBeGreaterThanOrEqual(2);
    jupyter.routes[HEALTH_A] = CONNECTED;
    await pass(2000);
    expect(servers.health.state).toBe('connected');
    expect(servers.current).toMatchObject({
      state: 'ready',
      page: 'http://127.0.0.1:1/'
    });
  });

  it('should ask at the pace of the server, or slower where the person wants it', async () => {
    await connect();
    expect(servers.pollInterval('a', 20)).toBe(10_000 - 20);
    expect(servers.pollInterval('a', 2000)).toBe(LOAD_FACTOR * 2000 - 2000);
    // What a kernel of this Jupyter makes is asked for each second, if that is no load for the server.
    expect(servers.pollInterval('a', 20, true)).toBe(1000 - 20);
    expect(servers.pollInterval('a', 2000, true)).toBe(
      LOAD_FACTOR * 2000 - 2000
    );
    servers.leastInterval = 30_000;
    expect(servers.pollInterval('a', 20)).toBe(30_000 - 20);
    expect(servers.pollInterval('a', 20, true)).toBe(30_000 - 20);
  });

  it('should leave nothing behind', async () => {
    await connect();
    const asked = jupyter.arrivals.length;
    servers.dispose();
    expect(jest.getTimerCount()).toBe(0);
    await pass(120_000);
    expect(jupyter.arrivals).toHaveLength(asked);
  });
});
