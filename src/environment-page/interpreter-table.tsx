import type { Interpreter } from '../environments';
import { classes } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { Offers } from './offers';
import type { InterpreterRow, Offer } from './rows';
import { NameCell, None, PageTable, Path } from './table-parts';
import { interpreterName, interpreterNote, kindLabel } from './words';

/** The Pythons of the machine: what each has, and which kernels start it. */
export function InterpreterTable(props: {
  rows: ReadonlyArray<InterpreterRow>;
  /** Of the notebook or console in use. */
  activeName: string | null;
  labelledBy: string;
  onTake: (offer: Offer) => void;
}): JSX.Element {
  const { rows, activeName, labelledBy, onTake } = props;
  const trans = useTrans();
  return (
    <PageTable
      labelledBy={labelledBy}
      columns={[
        trans.__('Environment'),
        trans.__('Python'),
        trans.__('MLflow'),
        trans.__('ipykernel'),
        trans.__('ipywidgets'),
        trans.__('Kernels')
      ]}
    >
      {rows.map(row => (
        <Row
          key={row.interpreter.executable}
          row={row}
          activeName={activeName}
          onTake={onTake}
        />
      ))}
    </PageTable>
  );
}

function Row(props: {
  row: InterpreterRow;
  activeName: string | null;
  onTake: (offer: Offer) => void;
}): JSX.Element {
  const { row, activeName, onTake } = props;
  const { interpreter, kernels, isActive, offers } = row;
  const trans = useTrans();
  const name = interpreterName(interpreter, trans);
  return (
    <tr
      data-mlflow-interpreter={interpreter.prefix}
      className={classes(isActive && 'jp-mod-active')}
    >
      <NameCell
        name={name}
        marks={[
          kindLabel(interpreter, trans),
          interpreter.runs_jupyter ? trans.__('runs Jupyter') : null,
          isActive && activeName !== null
            ? trans.__('runs %1', activeName)
            : null
        ]}
        path={interpreter.executable}
        note={interpreterNote(interpreter, trans)}
      />
      <td data-label={trans.__('Python')}>{interpreter.python ?? <None />}</td>
      <td data-label={trans.__('MLflow')}>
        <MlflowCell interpreter={interpreter} />
      </td>
      <td data-label={trans.__('ipykernel')}>
        {interpreter.ipykernel ?? <None />}
      </td>
      <td data-label={trans.__('ipywidgets')}>
        {interpreter.ipywidgets ?? <None />}
      </td>
      <td data-label={trans.__('Kernels')}>
        {kernels.length === 0 ? (
          <None />
        ) : (
          <ul className="jp-mlflow-Environments-kernels">
            {kernels.map(each => (
              <li key={each.resource_dir} title={each.resource_dir}>
                {each.display_name}
              </li>
            ))}
          </ul>
        )}
      </td>
      <td>
        <Offers of={name} offers={offers} onTake={onTake} />
      </td>
    </tr>
  );
}

function MlflowCell(props: { interpreter: Interpreter }): JSX.Element {
  const { mlflow, distribution } = props.interpreter;
  if (mlflow === null) {
    return <None />;
  }
  return (
    <>
      {mlflow}
      {distribution === null || distribution === 'mlflow' ? null : (
        <Path>{distribution}</Path>
      )}
    </>
  );
}
