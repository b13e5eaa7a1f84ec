// Waiting for a condition, never for a time.
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks `condition` again and again until it gives something true, and returns that.
 *
 * @throws {Error} naming `what` after `seconds`
 */
export async function until(what, condition, seconds = 60) {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const found = await condition();
    if (found) {
      return found;
    }
    if (performance.now() > end) {
      throw new Error(`${what} did not happen within ${seconds} s.`);
    }
    await pause(50);
  }
}

export { pause };
