import { useState } from 'react';
import { useTrans } from '../ui/context';
import type { Execution } from './answers';
import { useRecorder } from './context';
import { ExecutionLine } from './execution-line';
import { ExecutionPane } from './execution-pane';

/** Executions of a notebook, one of them open. */
export function ExecutionList(props: {
  executions: ReadonlyArray<Execution>;
  /** Of the notebook. */
  path: string;
  label: string;
  /** It stands beside the cell that they are all of. */
  isAtCell?: boolean;
  /** Id of the one that is open at first. */
  open?: string | null;
}): JSX.Element {
  const { executions, path, label, isAtCell = false } = props;
  const { notebooks } = useRecorder();
  const trans = useTrans();
  const [open, setOpen] = useState(props.open ?? null);
  return (
    <ul className="jp-mlflow-History-list" aria-label={label}>
      {executions.map(execution => {
        const { id, cell_id, source } = execution;
        const now = cell_id === null ? null : notebooks.now(path, cell_id);
        return (
          <li key={id}>
            <ExecutionLine
              execution={execution}
              isOpen={open === id}
              isChanged={
                now === null || source === null ? null : now.source !== source
              }
              withCode={!isAtCell}
              onToggle={() => {
                setOpen(open === id ? null : id);
              }}
            />
            {open === id && (
              <>
                {!isAtCell && cell_id !== null && now === null && (
                  <p className="jp-mlflow-Execution-note">
                    {trans.__('The cell is not in the notebook any more.')}
                  </p>
                )}
                <ExecutionPane execution={execution} isAtCell={isAtCell} />
              </>
            )}
          </li>
        );
      })}
    </ul>
  );
}
