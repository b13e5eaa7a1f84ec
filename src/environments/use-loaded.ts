import { useEffect, useState } from 'react';

/** What was asked for when the component was first drawn: not yet, the answer, or why there is none. */
export type Loaded<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'loaded'; readonly value: T }
  | { readonly state: 'failed'; readonly reason: unknown };

/** Asks once; the question ends with the component. */
export function useLoaded<T>(
  ask: (signal: AbortSignal) => Promise<T>
): Loaded<T> {
  const [first] = useState(() => ask);
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: 'loading' });
  useEffect(() => {
    const ending = new AbortController();
    first(ending.signal).then(
      value => {
        if (!ending.signal.aborted) {
          setLoaded({ state: 'loaded', value });
        }
      },
      (reason: unknown) => {
        if (!ending.signal.aborted) {
          setLoaded({ state: 'failed', reason });
        }
      }
    );
    return () => {
      ending.abort();
    };
  }, [first]);
  return loaded;
}
