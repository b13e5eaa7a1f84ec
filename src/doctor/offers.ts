import type { IRemedies } from './remedy-tokens';
import type { Remedy } from './tokens';

/** What can be offered of remedies, as things are. */
export interface Offers {
  /** With what their buttons say; each says something else. */
  readonly buttons: ReadonlyArray<readonly [string, Remedy]>;
  /** Why some are instructions instead of buttons. */
  readonly why: ReadonlyArray<string>;
}

/** What can be done of what helps; for all that cannot be done here, one button to the commands to type instead. */
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
    const before = buttons.get(label);
    if (does.refusal(offered) !== null) {
      continue;
    }
    if (before === undefined) {
      buttons.set(label, offered);
    } else if (
      before.kind === 'show-commands' &&
      offered.kind === 'show-commands'
    ) {
      buttons.set(label, together(before, offered));
    }
    // Otherwise the better one is there: what follows under the same name says no more.
  }
  return { buttons: [...buttons], why: [...why] };
}

type Commands = Remedy & { readonly kind: 'show-commands' };

/** What is typed for the one, and for the other unless that is the same. */
function together(one: Commands, other: Commands): Commands {
  const known = new Set(shownBy(one).map(each => JSON.stringify(each)));
  const more = shownBy(other).filter(each => !known.has(JSON.stringify(each)));
  return more.length === 0
    ? one
    : { ...one, others: [...(one.others ?? []), ...more] };
}

/** The remedies whose commands are shown, the best first. */
export function shownBy({ of, others = [] }: Commands): ReadonlyArray<Remedy> {
  return [of, ...others];
}
