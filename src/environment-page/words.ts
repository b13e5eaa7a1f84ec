import type { TranslationBundle } from '@jupyterlab/translation';
import { packageText } from '../doctor';
import type { Interpreter, Kernelspec } from '../environments';
import { nameOf, type Offer } from './rows';

/** What the button of an offer says. */
export function offerLabel(offer: Offer, trans: TranslationBundle): string {
  switch (offer.kind) {
    case 'create':
      return trans.__('New environment…');
    case 'install':
      return trans.__('Install %1', packageText(offer.packages[0]));
    case 'register':
      return offer.isHidden
        ? trans.__('Give it a name of its own')
        : trans.__('Add to the kernels');
    case 'switch':
      return trans.__('Use it in %1…', offer.to);
    case 'repair':
      return trans.__('Repair…');
    case 'remove-kernel':
      return trans.__('Remove the kernel…');
    case 'remove-environment':
      return trans.__('Remove the environment…');
    case 'terminal':
      return trans.__('Open a terminal in it');
    case 'commands':
      return trans.__('Show me the commands');
  }
}

/** What an environment is called. */
export function interpreterName(
  { kind, prefix, python }: Interpreter,
  trans: TranslationBundle
): string {
  return kind === 'system' && python !== null
    ? trans.__('Python %1', python)
    : nameOf(prefix);
}

/** What sort of Python it is. */
export function kindLabel(
  { kind }: Interpreter,
  trans: TranslationBundle
): string {
  return {
    venv: trans.__('virtual environment'),
    conda: trans.__('conda environment'),
    system: trans.__('installed Python'),
    ours: trans.__('made by a job here')
  }[kind];
}

/** What is wrong with an interpreter, or cannot be done with it; null for nothing. */
export function interpreterNote(
  interpreter: Interpreter,
  trans: TranslationBundle
): { readonly isProblem: boolean; readonly text: string } | null {
  const { problem, externally_managed, writable, python } = interpreter;
  return problem !== null
    ? // One that answers is only too old.
      { isProblem: python === null, text: problem }
    : externally_managed
      ? {
          isProblem: false,
          text: trans.__(
            'The operating system manages its packages: nothing can be installed into it.'
          )
        }
      : writable
        ? null
        : {
            isProblem: false,
            text: trans.__('You may not install packages into it.')
          };
}

/** What is wrong with a kernelspec, in a few words; null for nothing. */
export function kernelspecProblem(
  { problem }: Kernelspec,
  trans: TranslationBundle
): string | null {
  switch (problem) {
    case null:
      return null;
    case 'stale':
      return trans.__('Its interpreter is gone');
    case 'bare-python':
      return trans.__('Starts Jupyter’s own Python');
    case 'no-ipykernel':
      return trans.__('ipykernel is missing');
    case 'broken-json':
      // Why stands beside it.
      return trans.__('It cannot start');
    case 'shadowed':
      return trans.__('Another kernel of this name hides it');
    default:
      return trans.__('Could not be checked');
  }
}
