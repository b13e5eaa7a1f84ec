import type { IRemedies } from './remedy-tokens';
import type { Remedy } from './tokens';

/** What can be offered of remedies, as things are. */
export interface Offers {
  /** With what their buttons say; each says something else. */
  readonly buttons: ReadonlyArray<readonly [string, Remedy]>;
  /** Why some are instructions instead of buttons. */
  readonly why: ReadonlyArray<string>;
}

/** What can be done of what helps; for what cannot be done here, the commands to type instead. */
export function offersOf(
  remedies: ReadonlyArray<Remedy>,
  does: Pick<IRemedies, 'label' | 'refusal'>
): Offers {
  const why = new Set<string>();
  const buttons = new Map<string, Remedy>();
  for (const remedy of remedies) {
    const refusal = does.refusal(remedy);
    if (refusal !== null) {
      why.add(refusal);
    }
    const offered: Remedy =
      refusal === null || remedy.kind === 'show-commands'
        ? remedy
        : { kind: 'show-commands', of: remedy };
    const label = does.label(offered);
    // The best is first: what follows under the same name says no more.
    if (does.refusal(offered) === null && !buttons.has(label)) {
      buttons.set(label, offered);
    }
  }
  return { buttons: [...buttons], why: [...why] };
}
