import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernelspecs } from './specs';

/**
 * Reads the kernelspecs where the kernel that a notebook names could not be started: only they tell why.
 * A notebook that wants no kernel has nothing to explain.
 */
export function explainAbsence(
  context: Pick<
    ISessionContext,
    | 'isDisposed'
    | 'isReady'
    | 'kernelChanged'
    | 'kernelPreference'
    | 'ready'
    | 'session'
  >,
  specs: Pick<Kernelspecs, 'want'>
): void {
  const look = (): void => {
    const { name, shouldStart, canStart } = context.kernelPreference;
    if (
      !context.isDisposed &&
      context.isReady &&
      context.session === null &&
      name &&
      shouldStart !== false &&
      canStart !== false
    ) {
      specs.want();
    }
  };
  context.kernelChanged.connect(look);
  void context.ready.then(look, () => undefined);
}
