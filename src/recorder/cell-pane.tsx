import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import type { CellExecutions } from './cell-executions';
import { ExecutionList } from './execution-list';

/** Executions of a cell that are listed; all are in the history. */
const MOST = 20;

/** The last executions of one cell, the newest first. */
export function CellPane(props: {
  path: string;
  cellId: string;
  executions: CellExecutions;
  onDelete: () => void;
}): JSX.Element {
  const { path, cellId, executions } = props;
  const trans = useTrans();
  const all = useSignalValue(executions.changed, () => executions.of(cellId));
  if (all.length === 0) {
    return <p>{trans.__('No execution of this cell is kept any more.')}</p>;
  }
  return (
    <div className="jp-mlflow-CellPane">
      <h2>{trans._n('%1 execution', '%1 executions', all.length)}</h2>
      <ExecutionList
        executions={all.slice(0, MOST)}
        path={path}
        label={trans.__('Executions of this cell')}
        isAtCell={true}
        open={all[0].id}
      />
      {all.length > MOST && (
        <p className="jp-mlflow-Execution-note">
          {trans.__(
            '%1 older ones are in the history, in the MLflow panel.',
            all.length - MOST
          )}
        </p>
      )}
      <Button look="link" onClick={props.onDelete}>
        {trans.__('Delete the history of this cell…')}
      </Button>
    </div>
  );
}
