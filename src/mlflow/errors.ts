/** Why a request to a tracking server failed, in the words that features decide by. */
export type MlflowErrorKind =
  | 'not-found'
  | 'already-exists'
  | 'invalid' // MLflow refused the request; `message` is its text
  | 'invalid-filter'
  | 'unauthenticated' // 401: the server wants (other) credentials
  | 'permission' // 403: known, but not allowed
  | 'unreachable' // no answer: refused, time-out, network, gateway
  | 'starting' // a local server that is not up yet
  | 'too-old' // the server has no such endpoint
  | 'rate-limited'
  | 'too-large' // the answer exceeds what is accepted
  | 'malformed' // an answer that is not MLflow's
  | 'server' // MLflow failed inside (5xx)
  | 'forbidden-here'; // Jupyter refused: not on the allowlist, or signed out of Jupyter

/** The one error that `MlflowClient` throws, besides the `AbortError` of an aborted signal. */
export class MlflowError extends Error {
  constructor(
    readonly kind: MlflowErrorKind,
    message: string,
    readonly details: {
      /** HTTP status, 0 when there was no answer. */
      readonly status?: number;
      /** MLflow's `error_code`, or the code of the Jupyter server's own error. */
      readonly code?: string;
      /** What to do next, one sentence, when the answer said it. */
      readonly hint?: string;
      /** Milliseconds to wait (`Retry-After`). */
      readonly retryAfterMs?: number;
      readonly cause?: unknown;
    } = {}
  ) {
    super(
      message,
      details.cause === undefined ? undefined : { cause: details.cause }
    );
    this.name = 'MlflowError';
  }
}
