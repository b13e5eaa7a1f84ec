import { useEffect, useRef, type ReactNode } from 'react';
import { useTrans } from '../ui/context';
import { describeError } from '../ui/errors';
import { useSignalValue } from '../ui/signals';
import { LoadingState } from '../ui/states';
import { Plain, useScope } from './context';
import { AsItWas, Frame } from './frame';
import type { WidgetLayers } from './tokens';

/**
 * Keeps a snapshot in the notebook when it is worth it: when there was none, and when a run that was live has ended. Nothing else
 * changes a notebook that somebody only looks at.
 */
export function useKeeping(
  isWorthIt: boolean,
  make: () => WidgetLayers | undefined
): void {
  const { model, json } = useScope();
  const making = useRef(make);
  making.current = make;
  useEffect(() => {
    if (isWorthIt && model.canKeep) {
      const layers = making.current();
      if (layers) {
        model.keep(json, layers);
      }
    }
  }, [isWorthIt, model, json]);
}

/** Whether a run of this status goes on. */
export function isOpen(status: string): boolean {
  return status === 'RUNNING' || status === 'SCHEDULED';
}

/** The same list for as long as its items are the same. */
export function useSame<T>(items: ReadonlyArray<T>): ReadonlyArray<T> {
  const kept = useRef(items);
  if (
    kept.current.length !== items.length ||
    items.some((item, at) => item !== kept.current[at])
  ) {
    kept.current = items;
  }
  return kept.current;
}

/** What is to be said of what is shown: that it is from before, and why. */
export function useNotices(about: {
  isLive: boolean;
  error: Error | null;
  isGone?: boolean;
}): ReadonlyArray<ReactNode> {
  const { content } = useScope();
  const trans = useTrans();
  const { error, isLive } = about;
  const at = content.snapshot?.at ?? null;
  if (error === null && !about.isGone) {
    return [];
  }
  const { title, message } = describeError(error, trans);
  const words = about.isGone
    ? trans.__('This is not on the tracking server any more.')
    : `${title}: ${message}`;
  return [
    <>
      {words} {!isLive && <AsItWas at={at} />}
    </>
  ];
}

/** Nothing was saved, and nothing can be asked, or its answer is on its way. */
export function Missing(props: { why: ReadonlyArray<ReactNode> }): JSX.Element {
  const { content, model } = useScope();
  const trans = useTrans();
  const isAsking = useSignalValue(
    model.changed,
    () => model.isLive && model.shown.isTrusted
  );
  const why = props.why.filter(Boolean);
  return (
    <Frame
      state={why.length > 0 && model.shown.isTrusted ? 'error' : 'static'}
      notices={[content.note && <Plain text={content.note} />, ...why]}
    >
      {why.length === 0 && isAsking && (
        <LoadingState label={trans.__('Loading')} lines={3} />
      )}
      {why.length === 0 && !isAsking && content.note === null && (
        <p className="jp-mlflow-Widget-none">
          {trans.__('Nothing was saved with the notebook.')}
        </p>
      )}
    </Frame>
  );
}
