import type { HealthState, TrackingServer } from './tokens';

/**
 * A live view asks again after so many times the duration of its last answer: it uses an eighth of a server at most, and
 * what happens on a server that answers in 100 ms shows within one second.
 */
export const LOAD_FACTOR = 8;
/** No view asks again at once, however fast the answer. */
export const LEAST_PAUSE_MS = 10;
/** Milliseconds between polls of a server that told no least. */
export const UNKNOWN_LEAST_MS = 10_000;
/**
 * Periods up to this are those of a person's own server, or of a run that is made here: nobody else asks for it, and nothing has to
 * be spread.
 */
export const OWN_MS = 1000;
/** So much longer, at most, is a period, so that many panels do not ask in step. */
const JITTER = 0.1;

/** A healthy server's health, asked beside the live views. */
const HEALTHY_MS = 30_000;
/** A local server that comes up: only Jupyter itself is asked. */
const STARTING_MS = 1000;
/** The first look after a server went away, and the longest pause between looks. */
const RECOVERY_MS = 2000;
const LONGEST_RECOVERY_MS = 60_000;

/**
 * Milliseconds from the end of one answer to the next question of a live view.
 *
 * @param least - milliseconds between two questions, at least.
 * @param lastAnswer - milliseconds that the last answer took.
 * @param spread - this panel's place in the jitter, 0 to 1; the same for its whole life, as a changing one would
 *   restart timers.
 */
export function pollPause(
  least: number,
  lastAnswer: number,
  spread: number
): number {
  const took = Math.max(0, Number.isFinite(lastAnswer) ? lastAnswer : 0);
  const period = Math.max(least, LOAD_FACTOR * took);
  const jitter = period > OWN_MS ? JITTER * spread * period : 0;
  return Math.max(period + jitter - took, LEAST_PAUSE_MS);
}

/**
 * Milliseconds until the server's health is asked again.
 *
 * @param failures - how often in a row it did not answer well.
 */
export function healthPause(
  state: HealthState,
  server: Pick<TrackingServer, 'kind' | 'minPollInterval'>,
  failures: number,
  spread: number
): number {
  const spreading = 1 + JITTER * spread;
  switch (state) {
    case 'connected':
      return Math.max(HEALTHY_MS, server.minPollInterval) * spreading;
    case 'starting':
      return STARTING_MS;
    case 'signed-out':
      // Wrong passwords again and again lock accounts.
      return LONGEST_RECOVERY_MS * spreading;
    default: {
      const first = Math.max(
        RECOVERY_MS,
        server.kind === 'local' ? 0 : server.minPollInterval
      );
      return (
        Math.min(
          first * 1.5 ** Math.max(0, failures - 1),
          LONGEST_RECOVERY_MS
        ) * spreading
      );
    }
  }
}
