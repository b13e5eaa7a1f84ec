import { type RefObject, useLayoutEffect, useRef } from 'react';

/** The line at the upper edge, and where it was. */
interface Anchor {
  readonly key: string;
  readonly index: number;
}

/**
 * Keeps what a person looks at in its place when lines come or go above it. At the very top nothing is held: there new lines
 * shall appear.
 *
 * @param options.version - changes with the lines.
 * @param options.lineHeight - in pixels, the same for every line.
 */
export function useScrollAnchor(options: {
  scroller: RefObject<HTMLElement>;
  version: unknown;
  count: number;
  lineHeight: number;
  keyAt: (index: number) => string;
  indexOf: (key: string) => number;
}): void {
  const { scroller, version, lineHeight } = options;
  const latest = useRef(options);
  latest.current = options;
  const anchor = useRef<Anchor | null>(null);

  const note = useRef(() => {
    const { count, keyAt, lineHeight: height } = latest.current;
    const top = latest.current.scroller.current?.scrollTop ?? 0;
    const index = Math.floor(top / height);
    anchor.current =
      top < height / 2 || index >= count ? null : { key: keyAt(index), index };
  });

  useLayoutEffect(() => {
    const element = scroller.current;
    const held = anchor.current;
    if (element !== null && held !== null) {
      const index = latest.current.indexOf(held.key);
      if (index !== -1 && index !== held.index) {
        element.scrollTop += (index - held.index) * lineHeight;
      }
    }
    note.current();
  }, [scroller, version, lineHeight]);

  useLayoutEffect(() => {
    const element = scroller.current;
    const onScroll = (): void => note.current();
    element?.addEventListener('scroll', onScroll, { passive: true });
    return () => element?.removeEventListener('scroll', onScroll);
  }, [scroller]);
}
