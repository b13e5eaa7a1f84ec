import { ApiError } from '../servers/request';
import type { KernelReport } from './report';
import type { KernelState, UnknownReason } from './tokens';

/** What an answer, or its absence, says of a kernel. */
export interface Answer {
  readonly state: KernelState;
  readonly reason: UnknownReason | null;
  /** Null where none came. */
  readonly report: KernelReport | null;
}

/** Reasons as the server tells them. */
const REASONS: ReadonlyArray<UnknownReason> = [
  'busy',
  'timeout',
  'aborted',
  'dead',
  'restarting',
  'refused',
  'shim-failed',
  'unreachable'
];

/** Reasons that pass when the kernel has nothing to do. */
export const PASSING: ReadonlySet<UnknownReason | null> = new Set([
  'busy',
  'timeout',
  'aborted',
  'restarting',
  'unreachable'
] as const);

/** What a report says. */
export function answerOf(report: KernelReport): Answer {
  switch (report.state) {
    case 'known':
      // Without facts nothing is known, whatever it is called.
      return report.facts
        ? { state: 'known', reason: null, report }
        : { state: 'unknown', reason: 'shim-failed', report };
    case 'asking':
    case 'foreign':
    case 'off':
      return { state: report.state, reason: null, report };
    case 'dead':
      return { state: 'unknown', reason: 'dead', report };
    case 'unknown':
      return {
        state: 'unknown',
        reason: REASONS.find(each => each === report.reason) ?? 'unreachable',
        report
      };
  }
}

/** What it means that no report came. */
export function answerOfFailure(reason: unknown): Answer {
  const code = reason instanceof ApiError ? reason.problem.code : null;
  if (code === 'feature-off') {
    return { state: 'off', reason: null, report: null };
  }
  return {
    state: 'unknown',
    reason: code === 'signed-out-of-jupyter' ? 'refused' : 'unreachable',
    report: null
  };
}

/**
 * Whether the kernel has yet to be asked for what `report` cannot tell.
 *
 * @param formerPid - of the process before a restart: what it said does not count any more.
 * @param isBusy - the kernel runs code: the server's question waits in its queue already.
 */
export function needsAsking(
  report: KernelReport,
  formerPid: number | null,
  isBusy: boolean
): boolean {
  switch (report.state) {
    case 'known':
      return (
        !report.injected ||
        (formerPid !== null && report.facts?.pid === formerPid)
      );
    case 'asking':
      return true;
    case 'unknown':
      return !(isBusy && report.reason === 'busy');
    default:
      return false;
  }
}
