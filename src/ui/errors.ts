import type { TranslationBundle } from '@jupyterlab/translation';
import { MlflowError, type MlflowErrorKind } from '../mlflow';

/** An error in words for people: what happened, why, and what to do. */
export interface ErrorDescription {
  readonly title: string;
  readonly message: string;
  readonly hint: string;
}

function titleOf(kind: MlflowErrorKind, trans: TranslationBundle): string {
  switch (kind) {
    case 'not-found':
      return trans.__('Not there any more');
    case 'already-exists':
      return trans.__('The name is taken');
    case 'invalid':
      return trans.__('MLflow refuses this');
    case 'invalid-filter':
      return trans.__('MLflow does not understand this filter');
    case 'unauthenticated':
      return trans.__('Signed out');
    case 'permission':
      return trans.__('Not allowed');
    case 'unreachable':
      return trans.__('The tracking server does not answer');
    case 'starting':
      return trans.__('The tracking server is starting');
    case 'too-old':
      return trans.__('The tracking server is too old for this');
    case 'rate-limited':
      return trans.__('The tracking server is asked too often');
    case 'too-large':
      return trans.__('Too much at once');
    case 'malformed':
      return trans.__('An answer that is not MLflow’s');
    case 'server':
      return trans.__('The tracking server failed');
    case 'forbidden-here':
      return trans.__('Jupyter refused the request');
  }
}

function hintOf(kind: MlflowErrorKind, trans: TranslationBundle): string {
  switch (kind) {
    case 'not-found':
      return trans.__('It may have been deleted meanwhile: refresh the list.');
    case 'already-exists':
      return trans.__(
        'Choose another name. A deleted experiment keeps its name until it is removed for good.'
      );
    case 'invalid':
      return trans.__('Change what you typed, and try again.');
    case 'invalid-filter':
      return trans.__(
        'A condition is such as metrics.loss < 0.1, joined by AND.'
      );
    case 'unauthenticated':
      return trans.__('Give other credentials for this server.');
    case 'permission':
      return trans.__(
        'Ask the administrator of the tracking server for access.'
      );
    case 'unreachable':
      return trans.__(
        'Check that it runs and that its address is right. This comes back by itself.'
      );
    case 'starting':
      return trans.__('This takes some seconds; the view fills by itself.');
    case 'too-old':
      return trans.__('Update the tracking server to use it.');
    case 'rate-limited':
      return trans.__('Wait a moment; it is asked again by itself.');
    case 'too-large':
      return trans.__('Ask for less: fewer rows, or one file.');
    case 'malformed':
      return trans.__(
        'Check that the address is one of an MLflow tracking server, with its path.'
      );
    case 'server':
      return trans.__(
        'Try again. If it stays so, look into the log of the tracking server.'
      );
    case 'forbidden-here':
      return trans.__('Reload the page and sign in to Jupyter again.');
  }
}

/** Whatever was thrown, in words. Never a stack, and never "[object Object]". */
export function describeError(
  reason: unknown,
  trans: TranslationBundle
): ErrorDescription {
  if (reason instanceof MlflowError) {
    return {
      title: titleOf(reason.kind, trans),
      message: reason.message,
      hint: reason.details.hint ?? hintOf(reason.kind, trans)
    };
  }
  return {
    title: trans.__('Something went wrong'),
    message:
      reason instanceof Error
        ? reason.message
        : typeof reason === 'string'
          ? reason
          : trans.__('No reason was given.'),
    hint: trans.__('Try again; if it stays so, reload the page.')
  };
}

/** Whether trying again is worth a button. */
export function canRetry(reason: unknown): boolean {
  return !(
    reason instanceof MlflowError &&
    (['too-old', 'invalid', 'invalid-filter', 'already-exists'] as const).some(
      kind => kind === reason.kind
    )
  );
}
