import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { asProblem } from '../servers/request';
import { Button } from '../ui/buttons';
import { CopyButton } from '../ui/clipboard';
import { useTrans, useVisible } from '../ui/context';
import type { Execution } from './answers';
import { useRecorder } from './context';
import { RefusedOne } from './refused-one';
import { RunsOf } from './runs-of';
import { SentRun } from './sent-run';
import { sendingOf, sendingText } from './words';

const CodeDiff = lazy(async () => ({
  default: (await import('./code-diff')).CodeDiff
}));
const OutputsView = lazy(async () => ({
  default: (await import('./outputs-view')).OutputsView
}));

/** One execution: the code that ran, what came of it, its runs, and what can be done with it. */
export function ExecutionPane(props: {
  execution: Execution;
  /** It stands beside its cell: the notebook is there. */
  isAtCell?: boolean;
}): JSX.Element {
  const { execution, isAtCell } = props;
  const { notebooks } = useRecorder();
  const trans = useTrans();
  const { path, cell_id, source, error } = execution;
  const now =
    path !== null && cell_id !== null ? notebooks.now(path, cell_id) : null;
  const isSame = now !== null && now.source === source;
  return (
    <div className="jp-mlflow-Execution" data-state={sendingOf(execution)}>
      {error !== null && (
        <p className="jp-mlflow-Execution-error">
          <b>{error.name}</b> {error.message}
        </p>
      )}
      {execution.runs.length > 0 && <RunsOf execution={execution} />}
      {source === null ? (
        <p>
          {trans.__(
            'Its code and outputs were sent, and are not kept on this machine.'
          )}
        </p>
      ) : (
        <>
          <Code execution={execution} now={now?.source ?? null} />
          <Results execution={execution} now={now?.outputs ?? null} />
        </>
      )}
      <p className="jp-mlflow-Execution-note">
        {[
          sendingText(execution, trans),
          execution.capture === 'witness' || execution.capture === 'partial'
            ? trans.__('seen from outside the kernel')
            : null,
          isSame ? trans.__('the cell still has this code') : null
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {execution.sending === 'refused' && path !== null && (
        <RefusedOne execution={execution} path={path} />
      )}
      <Actions execution={execution} isAtCell={isAtCell === true} />
    </div>
  );
}

function Code(props: {
  execution: Execution;
  now: string | null;
}): JSX.Element {
  const { execution, now } = props;
  const trans = useTrans();
  const [isDiff, setDiff] = useState(false);
  const source = execution.source ?? '';
  const differs = now !== null && now !== source;
  return (
    <section>
      <div className="jp-mlflow-Execution-head">
        <h3>{trans.__('Code that ran')}</h3>
        {differs && (
          <Button
            look="link"
            aria-pressed={isDiff}
            onClick={() => {
              setDiff(!isDiff);
            }}
          >
            {isDiff
              ? trans.__('Show the code')
              : trans.__('Compare with the code now')}
          </Button>
        )}
        <CopyButton text={source} label={trans.__('Copy the code that ran')} />
      </div>
      {isDiff && differs ? (
        <Suspense fallback={null}>
          <CodeDiff then={source} now={now} />
        </Suspense>
      ) : (
        <pre
          className="jp-mlflow-Execution-code"
          tabIndex={0}
          aria-label={trans.__('Code that ran')}
        >
          {source}
        </pre>
      )}
    </section>
  );
}

function Results(props: {
  execution: Execution;
  now: (() => ReadonlyArray<object>) | null;
}): JSX.Element | null {
  const { execution, now } = props;
  const { api, rendermime } = useRecorder();
  const trans = useTrans();
  const visible = useVisible();
  const [isNow, setNow] = useState(false);
  const isRunning = execution.status === 'running';
  const query = useQuery({
    queryKey: ['recorder', 'outputs', execution.id, execution.output_bytes],
    enabled: visible && execution.output_bytes > 0,
    retry: false,
    queryFn: ({ signal }) => api.outputs(execution.id, signal)
  });
  if (execution.output_bytes === 0 && !execution.cut_bytes) {
    return isRunning ? null : (
      <p className="jp-mlflow-Execution-note">{trans.__('No output.')}</p>
    );
  }
  if (query.error) {
    const { message } = asProblem(query.error);
    return <p className="jp-mlflow-Execution-error">{message}</p>;
  }
  if (!query.data || rendermime === null) {
    return null;
  }
  const { outputs, cut_bytes } = query.data;
  const shown = isNow && now !== null ? now() : outputs;
  return (
    <section>
      <div className="jp-mlflow-Execution-head">
        <h3>{isNow ? trans.__('Output now') : trans.__('Output then')}</h3>
        {now !== null && (
          <Button
            look="link"
            aria-pressed={isNow}
            onClick={() => {
              setNow(!isNow);
            }}
          >
            {isNow
              ? trans.__('Show the output then')
              : trans.__('Show the output now')}
          </Button>
        )}
      </div>
      <Suspense fallback={null}>
        <OutputsView
          key={isNow ? 'now' : 'then'}
          outputs={shown}
          rendermime={rendermime}
          label={isNow ? trans.__('Output now') : trans.__('Output then')}
        />
      </Suspense>
      {!isNow && cut_bytes > 0 && (
        <p className="jp-mlflow-Execution-note">
          {trans.__('Too large to keep whole: %1 bytes were cut.', cut_bytes)}
        </p>
      )}
    </section>
  );
}

function Actions(props: {
  execution: Execution;
  isAtCell: boolean;
}): JSX.Element {
  const { execution, isAtCell } = props;
  const { notebooks, showReplay } = useRecorder();
  const trans = useTrans();
  const [told, setTold] = useState('');
  const insert = (): void => {
    const { path, cell_id, source } = execution;
    const done = path !== null && notebooks.insert(path, cell_id, source ?? '');
    setTold(
      done
        ? trans.__('Inserted; “Undo Cell Operation” takes it away again.')
        : trans.__('Open the notebook first.')
    );
  };
  const show = async (): Promise<void> => {
    setTold((await notebooks.show(execution)) ?? '');
  };
  return (
    <div className="jp-mlflow-Execution-actions">
      {!isAtCell && (
        <Button onClick={() => void show()}>{trans.__('Show the cell')}</Button>
      )}
      <SentRun execution={execution} />
      {execution.source !== null && (
        <>
          <Button onClick={insert}>{trans.__('Insert this code below')}</Button>
          <Button
            onClick={() => {
              showReplay(execution);
            }}
          >
            {trans.__('Would it run again?')}
          </Button>
        </>
      )}
      <span role="status" className="jp-mlflow-Execution-note">
        {told}
      </span>
    </div>
  );
}
