import { classes } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { None } from './interpreter-table';
import { Offers } from './offers';
import type { KernelspecRow, Offer } from './rows';
import { kernelspecProblem } from './words';

/** The kernels that Jupyter knows: which environment each starts, and what keeps it from starting. */
export function KernelspecTable(props: {
  rows: ReadonlyArray<KernelspecRow>;
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
          <th scope="col">{trans.__('Kernel')}</th>
          <th scope="col">{trans.__('Environment')}</th>
          <th scope="col">{trans.__('Python')}</th>
          <th scope="col">{trans.__('MLflow')}</th>
          <th scope="col">{trans.__('ipykernel')}</th>
          <th scope="col">
            <span className="jp-mlflow-hidden">{trans.__('Actions')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <Row
            key={row.spec.resource_dir || row.spec.name}
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
  row: KernelspecRow;
  activeName: string | null;
  onTake: (offer: Offer) => void;
}): JSX.Element {
  const { row, activeName, onTake } = props;
  const { spec, isActive, offers } = row;
  const trans = useTrans();
  const problem = kernelspecProblem(spec, trans);
  const marks = [
    spec.display_name === spec.name ? null : spec.name,
    isActive && activeName !== null ? trans.__('runs %1', activeName) : null
  ].filter(Boolean);
  return (
    <tr
      data-mlflow-kernelspec={spec.name}
      data-problem={spec.problem ?? undefined}
      className={classes(isActive && 'jp-mod-active')}
    >
      <th scope="row">
        <span className="jp-mlflow-Environments-name">{spec.display_name}</span>
        <span className="jp-mlflow-Environments-marks">
          {marks.join(' · ')}
        </span>
        <span className="jp-mlflow-Environments-path">{spec.resource_dir}</span>
        {problem === null ? null : (
          <span
            className={classes(
              'jp-mlflow-Environments-note',
              spec.problem !== 'shadowed' &&
                spec.problem !== 'bare-python' &&
                'jp-mod-error'
            )}
          >
            {problem}
            {spec.detail === null ? null : (
              <span className="jp-mlflow-Environments-path">{spec.detail}</span>
            )}
          </span>
        )}
      </th>
      <td data-label={trans.__('Environment')}>
        <EnvironmentCell row={row} />
      </td>
      <td data-label={trans.__('Python')}>
        {spec.python ?? <Unknown row={row} />}
      </td>
      <td data-label={trans.__('MLflow')}>
        {spec.mlflow ?? <Unknown row={row} />}
      </td>
      <td data-label={trans.__('ipykernel')}>
        {spec.ipykernel ?? <Unknown row={row} />}
      </td>
      <td>
        <Offers of={spec.display_name} offers={offers} onTake={onTake} />
      </td>
    </tr>
  );
}

/** "None" is said only of an interpreter that was asked. */
function Unknown(props: { row: KernelspecRow }): JSX.Element {
  return props.row.environment === null ? <>–</> : <None />;
}

function EnvironmentCell(props: { row: KernelspecRow }): JSX.Element {
  const { spec, environment } = props.row;
  const path = spec.executable ?? '';
  if (environment === null && path === '') {
    return <>{spec.language === '' ? '–' : spec.language}</>;
  }
  return (
    <>
      {environment?.name ?? null}
      <span className="jp-mlflow-Environments-path">{path}</span>
    </>
  );
}
