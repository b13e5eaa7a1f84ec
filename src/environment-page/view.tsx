import { refreshIcon } from '@jupyterlab/ui-components';
import { useEffect, useId } from 'react';
import { mlflowRequirements } from '../doctor';
import { useHealth } from '../servers';
import type { Problem } from '../servers/tokens';
import { Button, IconButton, Toolbar } from '../ui/buttons';
import { useTrans, useVisible } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import { EmptyState, ErrorState, LoadingState } from '../ui/states';
import { InterpreterTable } from './interpreter-table';
import { KernelspecTable } from './kernelspec-table';
import type { EnvironmentsModel, EnvironmentsView } from './model';
import { isPlain, type Offer, rowsOf } from './rows';

export interface EnvironmentPageServices {
  readonly model: EnvironmentsModel;
  readonly onTake: (offer: Offer) => void;
  readonly onCreate: () => void;
}

/** The Pythons and the kernels of the machine that Jupyter runs on, and what can be done with them. */
export default function EnvironmentPage(props: {
  services: EnvironmentPageServices;
}): JSX.Element {
  const { model, onCreate } = props.services;
  const trans = useTrans();
  const visible = useVisible();
  const view = useSignalValue(model.changed, () => model.view);
  useEffect(() => {
    if (visible) {
      const watching = model.watch();
      return () => {
        watching.dispose();
      };
    }
  }, [model, visible]);
  const { machine, problem, isAsking } = view;
  const state =
    machine !== null ? 'ready' : problem !== null ? 'error' : 'loading';
  return (
    <div
      className="jp-mlflow-Environments"
      data-mlflow-environments
      data-state={state}
      aria-busy={isAsking}
    >
      <div className="jp-mlflow-Environments-header">
        <h2>{trans.__('Environments and kernels')}</h2>
        {/* Present before its text, so that screen readers tell it. */}
        <span role="status" className="jp-mlflow-Environments-asking">
          {isAsking && machine !== null ? trans.__('Asking…') : ''}
        </span>
        <Toolbar label={trans.__('Environments and kernels')}>
          {machine?.jobs === true && machine.reach === 'local' ? (
            <Button look="accept" onClick={onCreate}>
              {trans.__('Create an environment…')}
            </Button>
          ) : null}
          <IconButton
            icon={refreshIcon}
            label={trans.__('Ask every interpreter anew')}
            onClick={() => void model.refresh(true)}
          />
        </Toolbar>
      </div>
      {machine !== null ? (
        <>
          {problem === null ? null : (
            <Failure problem={problem} model={model} isStale />
          )}
          <Tables {...props} view={view} machine={machine} />
        </>
      ) : problem !== null ? (
        <Failure problem={problem} model={model} isStale={false} />
      ) : (
        <LoadingState
          label={trans.__('Asking the interpreters of this machine')}
          lines={10}
        />
      )}
    </div>
  );
}

function Failure(props: {
  problem: Problem;
  model: EnvironmentsModel;
  isStale: boolean;
}): JSX.Element {
  const { problem, model, isStale } = props;
  const trans = useTrans();
  return (
    <ErrorState
      title={
        isStale
          ? trans.__('The list below is that of before')
          : trans.__('The environments could not be listed')
      }
      message={problem.message}
      hint={problem.hint}
    >
      <Button look="accept" onClick={() => void model.refresh(false)}>
        {trans.__('Try again')}
      </Button>
    </ErrorState>
  );
}

function Tables(props: {
  services: EnvironmentPageServices;
  view: EnvironmentsView;
  machine: NonNullable<EnvironmentsView['machine']>;
}): JSX.Element {
  const { services, view, machine } = props;
  const trans = useTrans();
  const { version } = useHealth();
  const rows = rowsOf(machine, {
    active: view.active,
    requirements: mlflowRequirements(version)
  });
  const activeName = view.active?.name ?? null;
  const table = { activeName, onTake: services.onTake };
  const plain = rows.interpreters.filter(isPlain);
  return (
    <>
      {machine.reach === 'local' ? null : (
        <p className="jp-mlflow-Environments-off">
          {trans.__(
            'The kernels of this Jupyter server run on another machine, behind a gateway, and use none of the environments here. To install something for such a kernel, run %pip in a cell of its notebook.'
          )}
        </p>
      )}
      {machine.jobs || machine.reach !== 'local' ? null : (
        <p className="jp-mlflow-Environments-off">
          {trans.__(
            'The administrator of this Jupyter server has turned jobs off; the commands can be typed into a terminal.'
          )}
        </p>
      )}
      <Part title={trans.__('Environments')}>
        {id => (
          <InterpreterTable
            {...table}
            rows={rows.interpreters.filter(row => !isPlain(row))}
            labelledBy={id}
          />
        )}
      </Part>
      <Part title={trans.__('Kernels')}>
        {id =>
          rows.kernelspecs.length === 0 ? (
            <EmptyState title={trans.__('Jupyter has no kernels')}>
              {machine.reach === 'local'
                ? trans.__('Create an environment: it brings a kernel along.')
                : trans.__('Ask the administrator of the gateway for one.')}
            </EmptyState>
          ) : (
            <KernelspecTable
              {...table}
              rows={rows.kernelspecs}
              labelledBy={id}
            />
          )
        }
      </Part>
      {/* They are there to make environments with. */}
      {plain.length === 0 || machine.reach !== 'local' ? null : (
        <Part title={trans.__('Other Pythons of this machine')}>
          {id => <InterpreterTable {...table} rows={plain} labelledBy={id} />}
        </Part>
      )}
    </>
  );
}

/** A table under its heading. @param props.children - is given the heading's id. */
function Part(props: {
  title: string;
  children: (id: string) => JSX.Element;
}): JSX.Element {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h3 id={id}>{props.title}</h3>
      <div className="jp-mlflow-Environments-scroller">
        {props.children(id)}
      </div>
    </section>
  );
}
