import {
  activateLine,
  type Commands,
  commandsOf,
  type Remedy
} from '../doctor';
import type { Interpreter } from '../environments';
import type { Offer } from './rows';

function remedyOf(offer: Offer): Remedy | null {
  switch (offer.kind) {
    case 'create':
      return { kind: 'create-environment', mlflow: null, packages: [] };
    case 'install':
      return { kind: 'install', packages: offer.packages };
    case 'register':
      return { kind: 'register-kernel', executable: offer.executable };
    case 'repair':
      return { kind: 'repair-kernel', kernelName: offer.kernelName };
    case 'remove-kernel':
      return { kind: 'remove-kernel', kernelName: offer.kernelName };
    default:
      return null;
  }
}

/**
 * What to type instead of pressing buttons; null where a shell could do nothing.
 *
 * @param kernels - names of the kernels that there are: a new one must not take the place of any.
 */
export function commandsFor(
  interpreter: Interpreter | null,
  offers: ReadonlyArray<Offer>,
  kernels: ReadonlyArray<string>
): Commands | null {
  const parts = [
    interpreter !== null && interpreter.kind !== 'system'
      ? commandsOf({ kind: 'open-terminal' }, interpreter)
      : null,
    ...offers.map(offer => {
      const remedy = remedyOf(offer);
      return remedy === null ? null : commandsOf(remedy, interpreter, kernels);
    })
  ].filter(part => part !== null);
  return parts.length === 0
    ? null
    : {
        unix: parts.flatMap(({ unix }) => unix),
        windows: parts.flatMap(({ windows }) => windows)
      };
}

/** What makes a POSIX shell use an environment; null for Windows, whose shells differ, and for names that no terminal takes. */
export function terminalLine(
  offer: Offer & { kind: 'terminal' }
): string | null {
  const isWindows = /\.exe$/i.test(offer.executable);
  return isWindows || /[\u0000-\u001f\u007f]/.test(offer.prefix)
    ? null
    : activateLine(offer);
}
