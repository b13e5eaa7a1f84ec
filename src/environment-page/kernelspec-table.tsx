import { classes } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { Offers } from './offers';
import type { KernelspecRow, Offer } from './rows';
import { NameCell, None, PageTable, Path } from './table-parts';
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
    <PageTable
      labelledBy={labelledBy}
      columns={[
        trans.__('Kernel'),
        trans.__('Environment'),
        trans.__('Python'),
        trans.__('MLflow'),
        trans.__('ipykernel')
      ]}
    >
      {rows.map(row => (
        <Row
          key={row.spec.resource_dir || row.spec.name}
          row={row}
          activeName={activeName}
          onTake={onTake}
        />
      ))}
    </PageTable>
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
  return (
    <tr
      data-mlflow-kernelspec={spec.name}
      data-problem={spec.problem ?? undefined}
      className={classes(isActive && 'jp-mod-active')}
    >
      <NameCell
        name={spec.display_name}
        marks={[
          spec.display_name === spec.name ? null : spec.name,
          isActive && activeName !== null
            ? trans.__('runs %1', activeName)
            : null
        ]}
        path={spec.resource_dir}
        note={
          problem === null
            ? null
            : {
                isProblem:
                  spec.problem !== 'shadowed' && spec.problem !== 'bare-python',
                text: (
                  <>
                    {problem}
                    {spec.detail === null ? null : <Path>{spec.detail}</Path>}
                  </>
                )
              }
        }
      />
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
      <Path>{path}</Path>
    </>
  );
}
