import { useState } from 'react';
import { asProblem } from '../servers/request';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { EmptyState, ErrorState, LoadingState } from '../ui/states';
import type { Interpreter, Kernelspec, MachineEnvironments } from './api';
import { interpretersFor } from './fitting';
import { useLoaded } from './use-loaded';

/** Asks which interpreter a kernelspec should start. */
export function RepairPane(props: {
  kernelName: string;
  machine: (signal: AbortSignal) => Promise<MachineEnvironments>;
  onRepair: (executable: string) => void;
  onClose: () => void;
}): JSX.Element {
  const { kernelName, onClose } = props;
  const trans = useTrans();
  const loaded = useLoaded(props.machine);
  if (loaded.state === 'loading') {
    return <LoadingState label={trans.__('Looking for interpreters')} />;
  }
  if (loaded.state === 'failed') {
    const { message, hint } = asProblem(loaded.reason);
    return (
      <ErrorState
        title={trans.__('The interpreters could not be listed')}
        message={message}
        hint={hint}
      >
        <Button onClick={onClose}>{trans.__('Close')}</Button>
      </ErrorState>
    );
  }
  const { kernelspecs, interpreters } = loaded.value;
  const spec = kernelspecs.find(
    each => each.name === kernelName && each.problem !== 'shadowed'
  );
  const fitting = spec ? interpretersFor(spec, interpreters) : [];
  return spec && fitting.length > 0 ? (
    <Choice {...props} spec={spec} fitting={fitting} />
  ) : (
    <EmptyState
      title={
        spec
          ? trans.__('No interpreter here can run this kernel')
          : trans.__('The kernel “%1” is no longer there', kernelName)
      }
    >
      {spec ? (
        <p>{trans.__('Create an environment, and use its kernel.')}</p>
      ) : null}
      <Button onClick={onClose}>{trans.__('Close')}</Button>
    </EmptyState>
  );
}

function Choice(props: {
  spec: Kernelspec;
  fitting: ReadonlyArray<Interpreter>;
  onRepair: (executable: string) => void;
  onClose: () => void;
}): JSX.Element {
  const { spec, fitting } = props;
  const trans = useTrans();
  const [chosen, setChosen] = useState(fitting[0].executable);
  return (
    <form
      className="jp-mlflow-Form jp-mlflow-Wizard-form"
      onSubmit={event => {
        event.preventDefault();
        props.onRepair(chosen);
      }}
    >
      {spec.detail === null ? null : (
        <p className="jp-mlflow-Wizard-text">{spec.detail}</p>
      )}
      <p className="jp-mlflow-Wizard-text">
        {trans.__(
          'The file kernel.json in %1 is written anew; the old one stays beside it.',
          spec.resource_dir
        )}
      </p>
      <fieldset className="jp-mlflow-Wizard-imports">
        <legend>{trans.__('The interpreter that this kernel starts')}</legend>
        <div className="jp-mlflow-Wizard-choices">
          {fitting.map(each => (
            <label key={each.executable} className="jp-mlflow-Wizard-kernel">
              <input
                type="radio"
                name="interpreter"
                checked={each.executable === chosen}
                autoFocus={each === fitting[0]}
                onChange={() => {
                  setChosen(each.executable);
                }}
              />
              <span>
                <b>{trans.__('Python %1', each.python ?? '')}</b>
                {' · '}
                {each.mlflow === null
                  ? trans.__('no MLflow')
                  : trans.__('MLflow %1', each.mlflow)}
                {each.ipykernel === null ? (
                  <>
                    {' · '}
                    {trans.__('ipykernel will be installed')}
                  </>
                ) : null}
                <span className="jp-mlflow-Field-help">{each.executable}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <div className="jp-mlflow-State-actions">
        <Button look="accept" submit>
          {trans.__('Repair')}
        </Button>
        <Button onClick={props.onClose}>{trans.__('Cancel')}</Button>
      </div>
    </form>
  );
}
