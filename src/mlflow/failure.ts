import { MlflowError, type MlflowErrorKind } from './errors';

/** What is known about a request when its failure is put into words. */
export interface FailureContext {
  /** The endpoint as people know it: `runs/search`. */
  readonly where: string;
  /** The MLflow release that brought the endpoint; absent for those that every supported server has. */
  readonly since?: string;
  /** True when the request carried a filter that the person wrote. */
  readonly filtered?: boolean;
  /** The sentence for a name that is taken: MLflow's own can contain raw SQL. */
  readonly taken?: string;
  /** Some endpoints answer 400 for what is missing: those messages mean `not-found`. */
  readonly missing?: RegExp;
}

const BY_CODE: Readonly<Record<string, MlflowErrorKind>> = {
  RESOURCE_DOES_NOT_EXIST: 'not-found',
  NOT_FOUND: 'not-found',
  RESOURCE_ALREADY_EXISTS: 'already-exists',
  ALREADY_EXISTS: 'already-exists',
  INVALID_PARAMETER_VALUE: 'invalid',
  BAD_REQUEST: 'invalid',
  INVALID_STATE: 'invalid',
  MALFORMED_REQUEST: 'invalid',
  PERMISSION_DENIED: 'permission',
  UNAUTHENTICATED: 'unauthenticated',
  ENDPOINT_NOT_FOUND: 'too-old',
  NOT_IMPLEMENTED: 'too-old',
  REQUEST_LIMIT_EXCEEDED: 'rate-limited',
  RESOURCE_EXHAUSTED: 'rate-limited',
  RESOURCE_LIMIT_EXCEEDED: 'rate-limited'
};

/** The Jupyter server's own errors, by the header `X-Jupyter-Mlflow-Error`. */
const BY_FORWARDER: Readonly<Record<string, MlflowErrorKind>> = {
  'upstream-unreachable': 'unreachable',
  'upstream-timeout': 'unreachable',
  'upstream-tls': 'unreachable',
  'redirect-refused': 'unreachable',
  'server-starting': 'starting',
  'server-failed': 'unreachable',
  'not-allowed': 'forbidden-here',
  'unknown-server': 'not-found',
  'answer-too-large': 'too-large',
  'upstream-unauthenticated': 'unauthenticated'
};

const RAW_SQL =
  /\[SQL:|sqlalche|sqlite3\.|psycopg|pymysql|\(Background on this error/i;
/** MLflow 2.3 calls some wrong filters an internal error. */
const WRONG_FILTER =
  /^Invalid (?:comparator|clause|comparison|filter|attribute key|entity type)/i;
const ABOUT_OTHER_THAN_FILTER =
  /max_results|page_token|order_by|order by|run_view_type|experiment_id/i;

interface ErrorBody {
  readonly code: string | null;
  readonly message: string | null;
  readonly hint: string | null;
  /** Jupyter's own error pages in JSON have `message` and `reason`, never `error_code`. */
  readonly fromJupyter: boolean;
}

const NO_BODY: ErrorBody = {
  code: null,
  message: null,
  hint: null,
  fromJupyter: false
};

function text(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readBody(body: string): ErrorBody {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return NO_BODY;
  }
  if (!isRecord(json)) {
    return NO_BODY;
  }
  if (isRecord(json.error)) {
    const { code, message, hint } = json.error;
    return {
      code: text(code),
      message: text(message),
      hint: text(hint),
      fromJupyter: false
    };
  }
  return {
    code: text(json.error_code),
    message: text(json.message),
    hint: null,
    fromJupyter:
      json.error_code === undefined && 'message' in json && 'reason' in json
  };
}

/**
 * Milliseconds of a `Retry-After` header, which is seconds or a date; undefined without one that can be read.
 */
export function retryAfterMs(
  header: string | null,
  now: number = Date.now()
): number | undefined {
  if (header === null || header.trim() === '') {
    return undefined;
  }
  const seconds = Number(header);
  const wait = Number.isFinite(seconds)
    ? seconds * 1000
    : Date.parse(header) - now;
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

/** The error that an answer with a status of 400 or more means. */
export async function failureOf(
  response: Response,
  context: FailureContext
): Promise<MlflowError> {
  const raw = await response.text().catch(() => '');
  const status = response.status;
  const body = readBody(raw);
  const forwarder = response.headers.get('X-Jupyter-Mlflow-Error');
  const kind = kindOf(status, body, forwarder, raw, context);
  const plain =
    body.message === null && !looksLikePage(response, raw)
      ? text(raw.slice(0, 300))
      : null;
  const sentence = sentenceOf(kind, status, body.message ?? plain, context);
  return new MlflowError(kind, sentence, {
    status,
    code: forwarder ?? body.code ?? undefined,
    hint: body.hint ?? hintOf(kind, context),
    retryAfterMs: retryAfterMs(response.headers.get('Retry-After'))
  });
}

function looksLikePage(response: Response, raw: string): boolean {
  return (
    (response.headers.get('Content-Type') ?? '').includes('html') ||
    /^\s*</.test(raw)
  );
}

function kindOf(
  status: number,
  body: ErrorBody,
  forwarder: string | null,
  raw: string,
  context: FailureContext
): MlflowErrorKind {
  if (forwarder !== null) {
    return (
      BY_FORWARDER[forwarder] ??
      (status >= 500 ? 'unreachable' : 'forbidden-here')
    );
  }
  if (body.fromJupyter) {
    return status === 401 || status === 403 ? 'forbidden-here' : 'unreachable';
  }
  const byCode = body.code === null ? undefined : BY_CODE[body.code];
  if (byCode === 'invalid') {
    const message = body.message ?? '';
    if (context.missing?.test(message)) {
      return 'not-found';
    }
    return context.filtered && !ABOUT_OTHER_THAN_FILTER.test(message)
      ? 'invalid-filter'
      : 'invalid';
  }
  if (
    context.filtered &&
    body.code === 'INTERNAL_ERROR' &&
    WRONG_FILTER.test(body.message ?? '')
  ) {
    return 'invalid-filter';
  }
  return byCode ?? kindOfStatus(status, raw, context);
}

function kindOfStatus(
  status: number,
  raw: string,
  context: FailureContext
): MlflowErrorKind {
  switch (status) {
    case 401:
      return 'unauthenticated';
    case 403:
      return 'permission';
    case 404:
    case 405:
    case 501:
      // MLflow answers in JSON where it has the endpoint. Of those that every version has, a page means: not MLflow.
      return context.since === undefined ? 'malformed' : 'too-old';
    case 408:
    case 502:
    case 504:
      return 'unreachable';
    case 413:
      return 'too-large';
    case 414:
      return 'invalid';
    case 429:
      return 'rate-limited';
    default:
      return status >= 500
        ? 'server'
        : raw.trimStart().startsWith('{')
          ? 'invalid'
          : 'malformed';
  }
}

function sentenceOf(
  kind: MlflowErrorKind,
  status: number,
  message: string | null,
  context: FailureContext
): string {
  const { where, since } = context;
  if (kind === 'already-exists') {
    return context.taken ?? 'Something with this name exists already.';
  }
  if (kind === 'too-old') {
    return since === undefined
      ? `This server does not know ${where}.`
      : `This server does not know ${where}: it needs MLflow ${since} or newer.`;
  }
  if (kind === 'malformed') {
    return `This address does not answer as an MLflow tracking server does (${status} for ${where}).`;
  }
  if (message !== null && RAW_SQL.test(message)) {
    return /locked|busy/i.test(message)
      ? 'The database of the tracking server is locked by another program.'
      : `The tracking server's database refused ${where}.`;
  }
  if (message !== null) {
    return message;
  }
  switch (kind) {
    case 'unauthenticated':
      return 'The tracking server asks for a login.';
    case 'permission':
      return `The tracking server does not allow you ${where}.`;
    case 'rate-limited':
      return 'The tracking server asks to be asked less often.';
    case 'unreachable':
      return `The tracking server gave no answer (${status} of the gateway before it).`;
    case 'too-large':
      return `The tracking server or a gateway before it refuses so large a request or answer (${status}).`;
    case 'forbidden-here':
      return 'Jupyter refused the request.';
    default:
      return `The tracking server failed at ${where} (status ${status}).`;
  }
}

function hintOf(
  kind: MlflowErrorKind,
  context: FailureContext
): string | undefined {
  switch (kind) {
    case 'already-exists':
      return 'Choose another name. A deleted one keeps its name until it is removed for good.';
    case 'too-old':
      return context.since === undefined
        ? 'Upgrade the tracking server.'
        : `Upgrade the tracking server to MLflow ${context.since} or newer.`;
    case 'unauthenticated':
      return 'Check the user name and password, or the token, of this server.';
    case 'permission':
      return "Ask the server's administrator for access.";
    case 'malformed':
      return 'Check the address of the server and its path prefix.';
    case 'unreachable':
      return 'Check that the server runs and its address is right, then try again.';
    case 'forbidden-here':
      return 'Reload the page and sign in to Jupyter again.';
    case 'server':
      return "Try again; if it stays so, look into the tracking server's log.";
    default:
      return undefined;
  }
}

/** The name of an error of any realm: `instanceof` fails between frames. */
function nameOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'name' in value
    ? String(value.name)
    : '';
}

/**
 * What to throw for a request that got no answer, or whose answer broke off. An aborted one is an `AbortError`.
 */
export function failureWithout(
  cause: unknown,
  signal: AbortSignal | undefined
): Error {
  if (
    nameOf(cause) === 'TimeoutError' ||
    (signal?.aborted && nameOf(signal.reason) === 'TimeoutError')
  ) {
    return new MlflowError(
      'unreachable',
      'The tracking server did not answer in time.',
      {
        status: 0,
        hint: 'Check that the server runs, then try again.',
        cause
      }
    );
  }
  if (signal?.aborted || nameOf(cause) === 'AbortError') {
    return new DOMException('The request was aborted.', 'AbortError');
  }
  if (cause instanceof MlflowError) {
    return cause;
  }
  return new MlflowError(
    'unreachable',
    'The tracking server could not be reached.',
    {
      status: 0,
      hint: hintOf('unreachable', { where: '' }),
      cause
    }
  );
}
