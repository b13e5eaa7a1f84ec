import type { Interpreter } from '../environments';
import { classes } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { Offers } from './offers';
import type { InterpreterRow, Offer } from './rows';
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
    <table
      className="jp-mlflow-Environments-table"
      aria-labelledby={labelledBy}
    >
      <thead>
        <tr>
          <th scope="col">{trans.__('Environment')}</th>
          <th scope="col">{trans.__('Python')}</th>
          <th scope="col">{trans.__('MLflow')}</th>
          <th scope="col">{trans.__('ipykernel')}</th>
          <th scope="col">{trans.__('ipywidgets')}</th>
          <th scope="col">{trans.__('Kernels')}</th>
          <th scope="col">
            <span className="jp-mlflow-hidden">{trans.__('Actions')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <Row
            key={row.interpreter.executable}
            row={row}
            activeName={activeName}
            onTake={onTake}
          />
        ))}
      </tbody>
    </table>
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
  const note = interpreterNote(interpreter, trans);
  return (
    <tr
      data-mlflow-interpreter={interpreter.prefix}
      className={classes(isActive && 'jp-mod-active')}
    >
      <th scope="row">
        <span className="jp-mlflow-Environments-name">{name}</span>
        <Marks row={row} activeName={activeName} />
        <span className="jp-mlflow-Environments-path">
          {interpreter.executable}
        </span>
        {note === null ? null : (
          <span
            className={classes(
              'jp-mlflow-Environments-note',
              note.isProblem && 'jp-mod-error'
            )}
          >
            {note.text}
          </span>
        )}
      </th>
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

function Marks(props: {
  row: InterpreterRow;
  activeName: string | null;
}): JSX.Element {
  const { row, activeName } = props;
  const { interpreter, isActive } = row;
  const trans = useTrans();
  const marks = [
    kindLabel(interpreter, trans),
    interpreter.runs_jupyter ? trans.__('runs Jupyter') : null,
    isActive && activeName !== null ? trans.__('runs %1', activeName) : null
  ].filter(Boolean);
  return (
    <span className="jp-mlflow-Environments-marks">{marks.join(' · ')}</span>
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
        <span className="jp-mlflow-Environments-path">{distribution}</span>
      )}
    </>
  );
}

/** Something that is not there. */
export function None(): JSX.Element {
  const trans = useTrans();
  return (
    <span className="jp-mlflow-Environments-none">{trans.__('none')}</span>
  );
}
