import { useEffect, useState } from 'react';
import { asProblem } from '../servers/request';
import { Button } from '../ui/buttons';
import { useTrans, type UiServices, TRANSLATION_DOMAIN } from '../ui/context';
import { ErrorState, LoadingState, EmptyState } from '../ui/states';
import type { EnvironmentsApi, Kernelspec } from './api';
import { showInDialog } from '../ui/body-dialog';

/** Kernels that a notebook can be switched to: those with MLflow first, the proposed one before all. */
export function candidates(
  specs: ReadonlyArray<Kernelspec>,
  proposed: string | null,
  present: string | null
): ReadonlyArray<Kernelspec> {
  const rank = (spec: Kernelspec): number =>
    spec.name === proposed ? 0 : spec.mlflow !== null ? 1 : 2;
  return specs
    .filter(
      spec =>
        spec.language.toLowerCase() === 'python' &&
        spec.name !== present &&
        (spec.problem === null || spec.problem === 'bare-python')
    )
    .sort(
      (a, b) =>
        rank(a) - rank(b) ||
        (b.mlflow ?? '').localeCompare(a.mlflow ?? '', undefined, {
          numeric: true
        }) ||
        a.display_name.localeCompare(b.display_name)
    );
}

/** Lets the person choose a kernel; its name, or null for none. */
export async function chooseKernel(
  ui: UiServices,
  api: EnvironmentsApi,
  from: { proposed: string | null; present: string | null }
): Promise<string | null> {
  const trans = ui.translator.load(TRANSLATION_DOMAIN);
  let chosen: string | null = null;
  await showInDialog(ui, trans.__('Switch the Kernel'), close => (
    <Chooser
      load={async signal =>
        candidates(
          (await api.list(false, signal)).kernelspecs,
          from.proposed,
          from.present
        )
      }
      onChoose={name => {
        chosen = name;
        close();
      }}
      onClose={close}
    />
  ));
  return chosen;
}

function Chooser(props: {
  load: (signal: AbortSignal) => Promise<ReadonlyArray<Kernelspec>>;
  onChoose: (name: string) => void;
  onClose: () => void;
}): JSX.Element {
  const trans = useTrans();
  const [load] = useState(() => props.load);
  const [found, setFound] = useState<ReadonlyArray<Kernelspec> | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [name, setName] = useState<string | null>(null);
  useEffect(() => {
    const ending = new AbortController();
    load(ending.signal).then(
      specs => {
        setFound(specs);
        setName(specs.at(0)?.name ?? null);
      },
      (reason: unknown) => {
        if (!ending.signal.aborted) {
          setFailure(reason);
        }
      }
    );
    return () => {
      ending.abort();
    };
  }, [load]);
  if (failure !== null) {
    const { message, hint } = asProblem(failure);
    return (
      <ErrorState
        title={trans.__('The kernels could not be listed')}
        message={message}
        hint={hint}
      >
        <Button onClick={props.onClose}>{trans.__('Close')}</Button>
      </ErrorState>
    );
  }
  if (found === null) {
    return <LoadingState label={trans.__('Looking for kernels')} />;
  }
  return (
    <form
      className="jp-mlflow-Form jp-mlflow-Wizard-form"
      onSubmit={event => {
        event.preventDefault();
        if (name !== null) {
          props.onChoose(name);
        }
      }}
    >
      {found.length === 0 ? (
        <EmptyState title={trans.__('There is no other Python kernel')}>
          {trans.__('Create an environment with MLflow to have one.')}
        </EmptyState>
      ) : (
        <fieldset className="jp-mlflow-Wizard-imports">
          <legend>
            {trans.__(
              'Switching loses what the present kernel has in memory: variables and imports. The cells stay.'
            )}
          </legend>
          {found.map(spec => (
            <label key={spec.name} className="jp-mlflow-Wizard-kernel">
              <input
                type="radio"
                name="kernel"
                checked={spec.name === name}
                onChange={() => {
                  setName(spec.name);
                }}
              />
              <span>
                <b>{spec.display_name}</b>
                {' · '}
                {spec.mlflow === null
                  ? trans.__('no MLflow')
                  : trans.__('MLflow %1', spec.mlflow)}
                <span className="jp-mlflow-Field-help">{spec.executable}</span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
      <div className="jp-mlflow-State-actions">
        <Button look="accept" submit disabled={name === null}>
          {trans.__('Switch')}
        </Button>
        <Button onClick={props.onClose}>{trans.__('Cancel')}</Button>
      </div>
    </form>
  );
}
