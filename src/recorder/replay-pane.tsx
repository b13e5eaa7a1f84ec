import type { TranslationBundle } from '@jupyterlab/translation';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { asProblem } from '../servers/request';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { ErrorState, LoadingState } from '../ui/states';
import type { Execution } from './answers';
import type { RecorderApi } from './api';
import { useRecorder } from './context';
import { OutcomeIcon } from './outcome';
import { type Mark, notebookOf, type Step, stepsTo } from './replay';

/** In a page, the most that the server gives. */
const PAGE = 500;
/** A kernel session of more executions is cut at its beginning, and that is said. */
const MOST_PAGES = 20;

/** What ran before an execution in the same kernel session, as far as it is kept; `isWhole` unless there was too much. */
async function ranBefore(
  api: RecorderApi,
  { path, started }: Execution,
  signal: AbortSignal
): Promise<{ all: ReadonlyArray<Execution>; isWhole: boolean }> {
  const all: Execution[] = [];
  let before: string | null = null;
  for (let page = 0; page < MOST_PAGES; page++) {
    const {
      executions,
      next
    }: { executions: Execution[]; next: string | null } = await api.executions(
      { path: path ?? '', limit: PAGE },
      before,
      signal
    );
    all.push(
      ...executions.filter(each => (each.started ?? 0) <= (started ?? 0))
    );
    before = next;
    if (before === null) {
      return { all, isWhole: true };
    }
  }
  return { all, isWhole: false };
}

/** Would it run again? What ran up to an execution, where the notebook differs from it now, and a notebook of it. */
export function ReplayPane(props: {
  execution: Execution;
  /** The notebook was saved, and opened. */
  onSaved: () => void;
}): JSX.Element {
  const { execution } = props;
  const { api, notebooks } = useRecorder();
  const trans = useTrans();
  const [told, setTold] = useState('');
  const { data, error, isPending } = useQuery({
    queryKey: ['recorder', 'replay', execution.id],
    retry: false,
    gcTime: 0,
    queryFn: ({ signal }) => ranBefore(api, execution, signal)
  });
  if (isPending) {
    return <LoadingState label={trans.__('Looking at what ran before')} />;
  }
  if (error) {
    const { message, hint } = asProblem(error);
    return (
      <ErrorState
        title={trans.__('The history could not be read')}
        message={message}
        hint={hint}
      />
    );
  }
  const path = execution.path ?? '';
  const steps = stepsTo(execution, data.all, notebooks.cells(path));
  const marked = steps.filter(({ marks }) => marks.length > 0).length;
  const save = async (): Promise<void> => {
    try {
      await notebooks.save(path, titled(trans, execution, steps));
      props.onSaved();
    } catch (reason) {
      setTold(asProblem(reason).message);
    }
  };
  return (
    <div className="jp-mlflow-Replay">
      <p>
        {trans._n(
          'One cell ran in this kernel session up to then.',
          '%1 cells ran in this kernel session up to then.',
          steps.length
        )}{' '}
        {marked === 0
          ? trans._n(
              'The notebook has it as it ran.',
              'The notebook has them as they ran.',
              steps.length
            )
          : trans._n(
              'One of them is different in the notebook now.',
              '%1 of them are different in the notebook now.',
              marked
            )}{' '}
        {!data.isWhole && trans.__('Older ones are left out.')}
      </p>
      <ol aria-label={trans.__('What ran, in its order')}>
        {steps.map(({ execution: each, marks }) => (
          <li key={each.id}>
            <OutcomeIcon outcome={each.status} />
            <span className="jp-mlflow-Execution-count">
              {`[${each.execution_count ?? ' '}]`}
            </span>
            <code className="jp-mlflow-Execution-begin">
              {each.source?.split('\n').find(line => line.trim() !== '')}
            </code>
            {marks.map(mark => (
              <span key={mark} className="jp-mlflow-Execution-mark">
                {markText(mark, trans)}
              </span>
            ))}
          </li>
        ))}
      </ol>
      <div className="jp-mlflow-Execution-actions">
        <Button look="accept" onClick={() => void save()}>
          {trans.__('Save as a notebook that runs from top to bottom')}
        </Button>
        <span role="status" className="jp-mlflow-Execution-note">
          {told}
        </span>
      </div>
    </div>
  );
}

function markText(mark: Mark, trans: TranslationBundle): string {
  switch (mark) {
    case 'edited':
      return trans.__('edited since');
    case 'deleted':
      return trans.__('deleted since');
    case 'out-of-order':
      return trans.__('ran out of order');
    case 'again':
      return trans.__('ran again');
    case 'failed':
      return trans.__('did not end well');
  }
}

function titled(
  trans: TranslationBundle,
  { path, started }: Execution,
  steps: ReadonlyArray<Step>
): (metadata: object) => object {
  const when = new Date((started ?? 0) * 1000).toISOString();
  const title = trans.__(
    'What ran in the kernel of %1 up to %2, in its order. Cells that failed then may fail again; the notebook goes on after them.',
    path ?? '',
    when
  );
  return metadata => notebookOf(steps, title, metadata);
}
