import { ServersApi, ApiError, asProblem } from './api';
import { JobsApi } from '../jobs';
import {
  failedHealth,
  FakeJupyter,
  listJson,
  serverJson,
  STATUS,
  type Reply
} from './testing/fake-jupyter';

async function problemOf(
  work: Promise<unknown>
): Promise<{ code: string; message: string; hint: string }> {
  try {
    await work;
  } catch (reason) {
    return asProblem(reason);
  }
  throw new Error('It should have failed');
}

describe('ServersApi', () => {
  it('should decode the list', async () => {
    const jupyter = new FakeJupyter({
      'GET servers?discover=1': listJson(
        [serverJson('a', { min_poll_interval_ms: 1000, newer: 'field' })],
        {
          suggestions: [
            {
              id: 's',
              kind: 'start-here',
              uri: 'sqlite:////x',
              label: './x',
              version: null,
              needs_environment: true
            }
          ],
          default: 'a'
        }
      )
    });
    const list = await new ServersApi(jupyter.settings).list(true);
    expect(list.servers[0]).toMatchObject({ id: 'a', minPollInterval: 1000 });
    expect(list.servers[0]).not.toHaveProperty('newer');
    expect(list.suggestions[0]).toMatchObject({ needsEnvironment: true });
    expect(list.default).toBe('a');
  });

  it('should send what was given, and encode ids', async () => {
    const jupyter = new FakeJupyter({
      'POST servers': { status: 201, json: serverJson('a') },
      'PATCH servers/a%2Fb': { json: serverJson('a/b') },
      'DELETE servers/a%2Fb': { status: 204 },
      'POST servers/a/start': { status: 202, json: serverJson('a') }
    });
    const api = new ServersApi(jupyter.settings);
    await api.add({ uri: 'http://a', auth: { kind: 'token', token: 't' } });
    await api.update('a/b', { auth: null });
    await api.remove('a/b');
    await api.start('a', true);
    expect(jupyter.arrivals.map(arrival => arrival.body)).toEqual([
      { uri: 'http://a', auth: { kind: 'token', token: 't' } },
      { auth: null },
      undefined,
      { migrate: true }
    ]);
  });

  it('should say which server exists already', async () => {
    const jupyter = new FakeJupyter({
      'POST servers': {
        status: 409,
        json: {
          error: { code: 'server-exists', message: 'There.', hint: '', id: 'x' }
        }
      }
    });
    const failure: unknown = await new ServersApi(jupyter.settings)
      .add({ uri: 'http://a' })
      .catch((e: unknown) => e);
    expect(failure).toBeInstanceOf(ApiError);
    expect(failure).toMatchObject({
      serverId: 'x',
      problem: { code: 'server-exists', message: 'There.' }
    });
  });

  it('should tell what is missing of a health answer as null', async () => {
    const jupyter = new FakeJupyter({
      'GET servers/a/health': failedHealth('upstream-timeout')
    });
    const health = await new ServersApi(jupyter.settings).health('a');
    expect(health).toMatchObject({
      state: 'failed',
      version: null,
      latency: null
    });
  });

  const failures: ReadonlyArray<[string, Reply, string]> = [
    [
      'our own refusal',
      {
        status: 400,
        json: { error: { code: 'invalid-uri', message: 'No.', hint: 'H' } }
      },
      'invalid-uri'
    ],
    [
      'a login that ended',
      { status: 403, json: { message: 'Forbidden' } },
      'signed-out-of-jupyter'
    ],
    [
      'no extension',
      { status: 404, text: '<html>' },
      'server-extension-missing'
    ],
    [
      'a failure inside',
      { status: 500, json: { message: 'x', reason: null } },
      'jupyter-failed'
    ],
    ['no JSON', { text: '<html>Sign in</html>' }, 'malformed'],
    ['half an answer', { text: '{"servers": [' }, 'malformed'],
    ['another JSON', { json: { servers: 7 } }, 'malformed'],
    [
      'an unknown state',
      listJson([serverJson('a', { state: 'dreaming' })]),
      'malformed'
    ],
    ['no answer', new TypeError('Failed to fetch'), 'jupyter-unreachable']
  ];
  it.each(failures)('should name %s', async (_, reply, code) => {
    const jupyter = new FakeJupyter({ 'GET servers': reply });
    const problem = await problemOf(
      new ServersApi(jupyter.settings).list(false)
    );
    expect(problem.code).toBe(code);
    expect(problem.message).toMatch(/^[A-Z“].*\.$/);
    expect(problem.message).not.toContain('[object');
  });

  it('should be aborted by its signal', async () => {
    const jupyter = new FakeJupyter({ 'GET status': STATUS });
    const controller = new AbortController();
    controller.abort();
    await expect(
      new ServersApi(jupyter.settings).status(controller.signal)
    ).rejects.toThrow();
    expect(jupyter.arrivals).toEqual([]);
  });
});

describe('JobsApi', () => {
  it('should read a job and its output from where it stopped', async () => {
    const job = {
      id: 'j',
      kind: 'create-environment',
      state: 'running',
      step: 'b',
      steps: ['a', 'b'],
      problem: null
    };
    const jupyter = new FakeJupyter({
      'POST jobs': { status: 201, json: { ...job, result: null } },
      'GET jobs/j/log?offset=7': {
        json: { text: 'x', next_offset: 8, done: false }
      }
    });
    const api = new JobsApi(jupyter.settings);
    expect(await api.create({ kind: 'create-environment' })).toMatchObject({
      id: 'j',
      step: 'b'
    });
    expect(await api.log('j', 7)).toEqual({
      text: 'x',
      next_offset: 8,
      done: false
    });
  });
});
