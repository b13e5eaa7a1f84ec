import { MlflowError } from './errors';
import {
  type FailureContext,
  failureOf,
  failureWithout,
  retryAfterMs
} from './failure';
import { mlflowError } from './testing/expected';

/** What of a Response is read: jsdom has none. */
function answer(
  status: number,
  body: unknown,
  headers: Record<string, string> = {}
): Response {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const lower = new Map(
    Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value])
  );
  const response: Pick<Response, 'status' | 'text'> & {
    headers: Pick<Headers, 'get'>;
  } = {
    status,
    text: () => Promise.resolve(text),
    headers: { get: name => lower.get(name.toLowerCase()) ?? null }
  };
  return response as Response;
}

const of = (
  response: Response,
  context: Partial<FailureContext> = {}
): Promise<MlflowError> =>
  failureOf(response, { where: 'runs/search', ...context });

const HTML = '<!doctype html><title>404 Not Found</title>';
const SQL =
  '(sqlite3.IntegrityError) UNIQUE constraint failed: experiments.name\n[SQL: INSERT INTO experiments …]\n(Background on this error at: https://sqlalche.me/e/20/gkpj)';

describe('failureOf', () => {
  it.each<[string, Response, Partial<FailureContext>, string]>([
    [
      'a code',
      answer(404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'No.' }),
      {},
      'not-found'
    ],
    [
      'a code with another status',
      answer(400, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'No.' }),
      {},
      'not-found'
    ],
    [
      'invalid',
      answer(400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'Bad.' }),
      {},
      'invalid'
    ],
    [
      'a filter',
      answer(400, {
        error_code: 'INVALID_PARAMETER_VALUE',
        message: "Invalid clause(s) in filter string: 'x'"
      }),
      { filtered: true },
      'invalid-filter'
    ],
    [
      'not the filter',
      answer(400, {
        error_code: 'INVALID_PARAMETER_VALUE',
        message: "Invalid value for parameter 'max_results'"
      }),
      { filtered: true },
      'invalid'
    ],
    [
      'a filter that 2.3 calls an internal error',
      answer(500, {
        error_code: 'INTERNAL_ERROR',
        message: "Invalid comparator '>' not one of '{'='}'"
      }),
      { filtered: true },
      'invalid-filter'
    ],
    [
      'internal',
      answer(500, { error_code: 'INTERNAL_ERROR', message: 'Oops' }),
      {},
      'server'
    ],
    [
      'a busy database',
      answer(503, { error_code: 'TEMPORARILY_UNAVAILABLE', message: 'Later.' }),
      {},
      'server'
    ],
    [
      'a page of 500',
      answer(500, HTML, { 'Content-Type': 'text/html' }),
      {},
      'server'
    ],
    [
      'a page of 404 where the endpoint is new',
      answer(404, HTML),
      { since: '2.4' },
      'too-old'
    ],
    [
      'a page of 405 where the endpoint is new',
      answer(405, HTML),
      { since: '2.4' },
      'too-old'
    ],
    [
      'a page of 404 where every server has it',
      answer(404, HTML),
      {},
      'malformed'
    ],
    [
      'a text of 401',
      answer(401, 'You are not authenticated.'),
      {},
      'unauthenticated'
    ],
    ['a text of 403', answer(403, 'Permission denied'), {}, 'permission'],
    [
      'a code of permission',
      answer(403, { error_code: 'PERMISSION_DENIED', message: 'No.' }),
      {},
      'permission'
    ],
    ['too many', answer(429, 'slow down'), {}, 'rate-limited'],
    ['a gateway without upstream', answer(502, HTML), {}, 'unreachable'],
    ['a gateway in vain', answer(504, HTML), {}, 'unreachable'],
    ['too much', answer(413, HTML), {}, 'too-large'],
    [
      "Jupyter's own login",
      answer(403, { message: 'Forbidden', reason: null }),
      {},
      'forbidden-here'
    ],
    [
      "Jupyter's own 404",
      answer(404, { message: 'Not Found', reason: null }),
      {},
      'unreachable'
    ]
  ])('should know %s', async (_, response, context, kind) => {
    const error = await of(response, context);
    expect(error).toBeInstanceOf(MlflowError);
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(/\S/);
    expect(error.message).not.toMatch(/<|\[object|undefined/);
    expect(error.details.status).toBe(response.status);
  });

  it.each([
    ['upstream-unreachable', 502, 'unreachable'],
    ['upstream-timeout', 504, 'unreachable'],
    ['upstream-tls', 502, 'unreachable'],
    ['redirect-refused', 502, 'unreachable'],
    ['server-starting', 503, 'starting'],
    ['server-failed', 503, 'unreachable'],
    ['not-allowed', 403, 'forbidden-here'],
    ['unknown-server', 404, 'not-found'],
    ['answer-too-large', 502, 'too-large'],
    ['upstream-unauthenticated', 401, 'unauthenticated'],
    ['something-new', 502, 'unreachable'],
    ['something-new', 403, 'forbidden-here']
  ])("should know the forwarder's %s with %d", async (code, status, kind) => {
    const body = {
      error: { code, message: 'What happened.', hint: 'What to do.' }
    };
    const error = await of(
      answer(status, body, { 'X-Jupyter-Mlflow-Error': code })
    );
    expect(error).toMatchObject({
      kind,
      message: 'What happened.',
      details: { code, hint: 'What to do.', status }
    });
  });

  it('should give the text of MLflow', async () => {
    const body = {
      error_code: 'INVALID_PARAMETER_VALUE',
      message: "Invalid clause(s) in filter string: 'x'"
    };
    expect((await of(answer(400, body), { filtered: true })).message).toBe(
      body.message
    );
  });

  it.each([
    ['RESOURCE_ALREADY_EXISTS', 400],
    ['BAD_REQUEST', 400],
    ['INTERNAL_ERROR', 500],
    ['INVALID_PARAMETER_VALUE', 400]
  ])('should never show raw SQL: %s', async (error_code, status) => {
    const error = await of(
      answer(status, {
        error_code,
        message: `Experiment(name=dup) already exists. Error: ${SQL}`
      })
    );
    expect(error.message).not.toMatch(/SQL|sqlite|INSERT/);
  });

  it('should name a lock of the database', async () => {
    const message = `(sqlite3.OperationalError) database is locked ${SQL}`;
    expect(
      (await of(answer(500, { error_code: 'INTERNAL_ERROR', message }))).message
    ).toMatch(/locked/);
  });

  it('should say which name is taken', async () => {
    const response = answer(400, {
      error_code: 'RESOURCE_ALREADY_EXISTS',
      message: SQL
    });
    expect(
      (await of(response, { taken: 'An experiment named "x" exists already.' }))
        .message
    ).toMatch(/"x"/);
  });

  it('should say which version is needed', async () => {
    const error = await of(answer(404, HTML), {
      where: 'logged-models/search',
      since: '3.0'
    });
    expect(error.message).toMatch(/logged-models\/search.*3\.0/);
    expect(error.details.hint).toMatch(/3\.0/);
  });

  it('should give how long to wait', async () => {
    expect(
      (await of(answer(429, '', { 'Retry-After': '7' }))).details.retryAfterMs
    ).toBe(7000);
  });

  it('should survive a body that cannot be read', async () => {
    const broken: Response = Object.assign(answer(500, ''), {
      text: () => Promise.reject(new TypeError('terminated'))
    });
    expect((await of(broken)).kind).toBe('server');
  });
});

describe('retryAfterMs', () => {
  it('should read seconds and dates', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(retryAfterMs('120', now)).toBe(120_000);
    expect(retryAfterMs('Thu, 01 Jan 2026 00:00:05 GMT', now)).toBe(5000);
    expect(retryAfterMs('Thu, 01 Jan 2020 00:00:05 GMT', now)).toBe(0);
    expect(retryAfterMs('soon', now)).toBeUndefined();
    expect(retryAfterMs(null, now)).toBeUndefined();
  });
});

describe('failureWithout', () => {
  it('should call a network failure unreachable', () => {
    expect(
      failureWithout(new TypeError('Failed to fetch'), undefined)
    ).toMatchObject({ kind: 'unreachable' });
  });

  it('should leave an abort an AbortError, whatever the reason', () => {
    for (const reason of [undefined, 'changed my mind', new Error('gone')]) {
      const controller = new AbortController();
      controller.abort(reason);
      expect(
        failureWithout(new TypeError('x'), controller.signal)
      ).toMatchObject({ name: 'AbortError' });
    }
  });

  it('should call a time-out unreachable', () => {
    const timeout = new DOMException('late', 'TimeoutError');
    const controller = new AbortController();
    controller.abort(timeout);
    expect(failureWithout(timeout, controller.signal)).toMatchObject(
      mlflowError('unreachable', /in time/)
    );
  });
});
