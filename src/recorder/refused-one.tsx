import { useState } from 'react';
import { asProblem } from '../servers/request';
import { useTrans } from '../ui/context';
import type { Execution } from './answers';
import type { Settlement } from './api';
import { useRecorder } from './context';
import { useSending } from './sending';
import { Trouble } from './trouble';

/** Why MLflow has refused this execution, what to do, and what can be done with it alone. */
export function RefusedOne(props: {
  execution: Execution;
  path: string;
}): JSX.Element | null {
  const { execution, path } = props;
  const { api } = useRecorder();
  const trans = useTrans();
  const [told, setTold] = useState('');
  const [isBusy, setBusy] = useState(false);
  const { data, isFetching } = useSending(path);
  const found = data?.refused.find(each => each.execution_id === execution.id);
  const settle = async (what: Settlement): Promise<void> => {
    setBusy(true);
    try {
      await api.settleAll(path, what);
      setTold(
        what.do === 'drop'
          ? trans.__('It is not sent any more.')
          : trans.__('It is sent again.')
      );
    } catch (error) {
      const { message, hint } = asProblem(error);
      setTold(`${message} ${hint}`.trim());
    }
    setBusy(false);
  };
  // What is known from before may not know of this one.
  return data === undefined || (!found && isFetching) ? null : (
    <div>
      <Trouble
        path={path}
        kind="refused"
        group={{ reason: found?.reason ?? null, ids: [execution.id] }}
        isBusy={isBusy}
        isAtCell={true}
        onSettle={what => void settle(what)}
      />
      <p role="status" className="jp-mlflow-Execution-note">
        {told}
      </p>
    </div>
  );
}
