import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import type { ActiveNotebook, OpenNotebook } from '../notebooks';
import { asProblem } from '../servers/request';
import { Button } from '../ui/buttons';
import { useTrans, useVisible } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import { EmptyState, ErrorState, LoadingState } from '../ui/states';
import type { ISignal } from '@lumino/signaling';
import { OUTCOMES, type Outcome } from './answers';
import type { RecorderApi } from './api';
import {
  RecorderProvider,
  type RecorderServices,
  useRecorder
} from './context';
import { ExecutionList } from './execution-list';
import { Refused } from './refused';
import { sendingKey, useSending } from './sending';
import { outcomeText } from './words';

/** Executions in a page. */
const PAGE = 50;

/** What the section looks at beside the services of all views. */
export interface HistorySources {
  readonly active: ActiveNotebook;
  /** Some executions are others now. */
  readonly executed: ISignal<unknown, unknown>;
}

/** The panel's section of what ran in the active notebook, also in cells that are gone. */
export default function HistorySection(props: {
  services: RecorderServices;
  sources: HistorySources;
}): JSX.Element {
  const { services, sources } = props;
  const { active } = sources;
  const trans = useTrans();
  const notebook = useSignalValue(active.changed, () => active.current);
  return notebook === null ? (
    <EmptyState title={trans.__('No notebook is open')} />
  ) : (
    <RecorderProvider value={services}>
      <History key={notebook.path} notebook={notebook} sources={sources} />
    </RecorderProvider>
  );
}

function historyKey(path: string): ReadonlyArray<string> {
  return ['recorder', 'history', path];
}

function useHistory(
  api: RecorderApi,
  path: string,
  filter: { status: Outcome | ''; text: string }
) {
  const visible = useVisible();
  const { status, text } = filter;
  return useInfiniteQuery({
    queryKey: [...historyKey(path), status, text],
    enabled: visible,
    retry: false,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      api.executions(
        {
          path,
          limit: PAGE,
          ...(status !== '' && { status }),
          ...(text !== '' && { text })
        },
        pageParam,
        signal
      ),
    getNextPageParam: page => page.next
  });
}

function History(props: {
  notebook: OpenNotebook;
  sources: HistorySources;
}): JSX.Element {
  const { notebook, sources } = props;
  const { path } = notebook;
  const { api } = useRecorder();
  const trans = useTrans();
  const visible = useVisible();
  const [status, setStatus] = useState<Outcome | ''>('');
  const [typed, setTyped] = useState('');
  const text = useDeferredValue(typed.trim());
  const query = useHistory(api, path, { status, text });
  const client = useQueryClient();
  const { executed } = sources;
  useEffect(() => {
    if (!visible) {
      return;
    }
    // Those of other filters, too: what was deleted must not be seen again.
    const again = () => {
      for (const queryKey of [historyKey(path), sendingKey(path)]) {
        void client.invalidateQueries({ queryKey }, { cancelRefetch: false });
      }
    };
    executed.connect(again);
    return () => {
      executed.disconnect(again);
    };
  }, [client, executed, path, visible]);
  const isFiltered = status !== '' || text !== '';
  const found = useMemo(
    () => query.data?.pages.flatMap(page => page.executions) ?? [],
    [query.data]
  );
  return (
    <div className="jp-mlflow-History">
      <div className="jp-mlflow-History-bar">
        <input
          type="search"
          className="jp-mlflow-Input"
          placeholder={trans.__('In the code')}
          aria-label={trans.__('Search in the code that ran')}
          value={typed}
          onChange={event => {
            setTyped(event.target.value);
          }}
        />
        <select
          className="jp-mlflow-Input jp-mlflow-Select"
          aria-label={trans.__('How it ended')}
          value={status}
          onChange={event => {
            const { value } = event.target;
            setStatus(OUTCOMES.find(each => each === value) ?? '');
          }}
        >
          <option value="">{trans.__('All')}</option>
          {OUTCOMES.map(each => (
            <option key={each} value={each}>
              {outcomeText(each, trans)}
            </option>
          ))}
        </select>
      </div>
      <NotSent path={path} />
      {query.isPending ? (
        <LoadingState label={trans.__('Loading the history')} />
      ) : query.error && found.length === 0 ? (
        <Failed reason={query.error} onRetry={() => void query.refetch()} />
      ) : found.length === 0 ? (
        <Nothing isFiltered={isFiltered} />
      ) : (
        <ExecutionList
          executions={found}
          path={path}
          label={trans.__('What ran in %1', notebook.name)}
        />
      )}
      {query.hasNextPage && (
        <Button
          disabled={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {trans.__('Show older ones')}
        </Button>
      )}
    </div>
  );
}

/** What of the notebook has not reached MLflow, and what was refused there. */
function NotSent(props: { path: string }): JSX.Element {
  const { path } = props;
  const trans = useTrans();
  const waiting = useSending(path).data?.waiting ?? 0;
  return (
    <>
      {waiting > 0 && (
        <p role="status" className="jp-mlflow-Execution-note">
          {trans._n('%1 not sent yet', '%1 not sent yet', waiting)}
        </p>
      )}
      <Refused path={path} />
    </>
  );
}

function Nothing(props: { isFiltered: boolean }): JSX.Element {
  const trans = useTrans();
  return props.isFiltered ? (
    <EmptyState title={trans.__('No execution matches')} />
  ) : (
    <EmptyState title={trans.__('Nothing of this notebook is kept')}>
      {trans.__(
        'Switch recording on in the notebook’s toolbar: from then on what its cells ran stands here.'
      )}
    </EmptyState>
  );
}

function Failed(props: { reason: unknown; onRetry: () => void }): JSX.Element {
  const trans = useTrans();
  const { message, hint } = asProblem(props.reason);
  return (
    <ErrorState
      title={trans.__('The history could not be read')}
      message={message}
      hint={hint}
    >
      <Button onClick={props.onRetry}>{trans.__('Try again')}</Button>
    </ErrorState>
  );
}
