import { useRef } from 'react';
import type { Run } from '../mlflow';
import { isRunning } from '../runs';
import type { ChartContent, CompareContent } from './content';
import { useScope } from './context';
import { useSame } from './keeping';
import { isGone, useRuns } from './queries';

/** The runs of an output that shows several. */
export interface Together {
  readonly runs: ReadonlyArray<Run>;
  /** Whether they are all known. */
  readonly isWhole: boolean;
  /** Whether they were once: a run that joins them takes nothing away from what is drawn. */
  readonly isShown: boolean;
  readonly error: Error | null;
  readonly isGone: boolean;
  /** Whether the run has ended while it was looked at here. */
  readonly hasEnded: (run: Run) => boolean;
}

/** Follows the runs of a chart or a comparison. */
export function useTogether(
  content: ChartContent | CompareContent,
  serverId: string
): Together {
  const { services } = useScope();
  const found = useRuns(services, serverId, content.runIds);
  const known = useSame(found.flatMap(({ run }) => run ?? []));
  const isWhole = known.length === found.length;
  const wasWhole = useRef(false);
  // Others take their place when they are known, or when it is known that they are not.
  const before = useRef(known);
  const runs =
    known.length > 0 || !found.some(({ error }) => error === null)
      ? known
      : before.current;
  before.current = runs;
  const ran = useRef(new Set<string>());
  wasWhole.current ||= isWhole;
  runs
    .filter(({ info }) => isRunning(info))
    .forEach(({ info }) => ran.current.add(info.id));
  const error = found.find(each => each.error !== null)?.error ?? null;
  return {
    runs,
    isWhole,
    isShown: wasWhole.current && (runs.length > 0 || found.length === 0),
    error,
    isGone: isGone(error),
    hasEnded: ({ info }) => !isRunning(info) && ran.current.has(info.id)
  };
}
