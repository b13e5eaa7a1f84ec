import { useMemo, type ReactNode } from 'react';
import { isRunning } from '../runs';
import { useTrans } from '../ui/context';
import { useExperimentIds, useAsked } from './asked';
import type {
  CardContent,
  ChartContent,
  CompareContent,
  Question,
  TableContent
} from './content';
import { ScopeProvider, useScope } from './context';
import { Frame } from './frame';
import { useNotices, useSame } from './keeping';

/** Outputs whose runs may be whatever the tracking server finds. */
type Asking = TableContent | CardContent | ChartContent | CompareContent;

/** Runs that a chart or a comparison holds. */
const TOGETHER = 100;
const NONE: ReadonlyArray<string> = [];

/**
 * An output about the runs that are found now: its content with their ids, for what is drawn and for what can be done with it.
 *
 * @param props.still - what is drawn before anything is known, and why.
 */
export function Found<T extends Asking>(props: {
  content: T;
  serverId: string;
  live: (content: T) => ReactNode;
  still: (why: ReadonlyArray<ReactNode>) => ReactNode;
}): JSX.Element {
  const { content, serverId } = props;
  const scope = useScope();
  const trans = useTrans();
  const question = questionOf(content);
  const experiments = useExperimentIds(scope.services, serverId, question);
  const asked = useAsked(
    scope.services,
    serverId,
    content.kind === 'table' ? null : question,
    experiments.ids
  );
  const found = useSame(idsOf(content, asked.runs));
  const answered = asked.runs !== undefined;
  const known = useMemo(
    () => contentOf(content, experiments.ids, answered ? found : null),
    [content, experiments.ids, answered, found]
  );
  const within = useMemo(
    () => ({ ...scope, content: known ?? content }),
    [scope, known, content]
  );
  const notices = useNotices({
    isLive: false,
    error: experiments.error ?? asked.error
  });
  return (
    <ScopeProvider value={within}>
      {known !== null ? (
        props.live(known as T)
      ) : answered ? (
        <Frame state="live">
          <p className="jp-mlflow-Widget-none">{trans.__('No runs match.')}</p>
        </Frame>
      ) : (
        props.still(notices)
      )}
    </ScopeProvider>
  );
}

function questionOf(content: Asking): Question | null {
  switch (content.kind) {
    case 'table':
      return content;
    case 'card':
      return content.runId === null ? content.question : null;
    default:
      return content.question;
  }
}

/** The runs that are drawn: of a chart those that have one of its metrics, or may yet. */
function idsOf(
  content: Asking,
  runs: ReturnType<typeof useAsked>['runs']
): ReadonlyArray<string> {
  return runs === undefined
    ? NONE
    : runs
        .filter(
          run =>
            content.kind !== 'chart' ||
            isRunning(run.info) ||
            content.keys.some(key => run.metrics.has(key))
        )
        .slice(0, TOGETHER)
        .map(({ info }) => info.id);
}

/** The content with what was found; null where nothing is known yet. */
function contentOf(
  content: Asking,
  experimentIds: ReadonlyArray<string> | undefined,
  found: ReadonlyArray<string> | null
): Asking | null {
  switch (content.kind) {
    case 'table':
      return experimentIds === undefined ? null : { ...content, experimentIds };
    case 'card':
      return content.runId !== null
        ? content
        : found === null || found.length === 0
          ? null
          : { ...content, runId: found[0] };
    default:
      return found !== null
        ? { ...content, runIds: found }
        : content.runIds.length > 0 || content.question === null
          ? content
          : null;
  }
}
