import { type MlflowErrorKind } from '../errors';

/** The shape of an MlflowError for `toMatchObject`; a text must stand in its message as it is. */
export function mlflowError(
  kind: MlflowErrorKind,
  message: RegExp | string = ''
): object {
  const text: unknown =
    typeof message === 'string'
      ? expect.stringContaining(message)
      : expect.stringMatching(message);
  return { name: 'MlflowError', kind, message: text };
}

/** What a call throws; undefined when it returns. */
export function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
