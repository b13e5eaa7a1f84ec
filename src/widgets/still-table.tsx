import type { ReactNode } from 'react';
import { useTrans } from '../ui/context';
import { StatusIcon } from '../ui/status';
import { Duration, Time } from '../ui/time';
import type { TableContent } from './content';
import { CellValue, Plain, RunName } from './context';
import { Frame } from './frame';
import { Missing } from './keeping';
import { textsOf } from './table-data';

/** The runs as they were saved. */
export function StillTable(props: {
  content: TableContent;
  why: ReadonlyArray<ReactNode>;
}): JSX.Element {
  const { content, why } = props;
  const { snapshot } = content;
  const trans = useTrans();
  if (snapshot === null) {
    return <Missing why={why} />;
  }
  const { columns, rows } = snapshot;
  return (
    <Frame
      state="static"
      notices={[content.note && <Plain text={content.note} />, ...why]}
      table={() => textsOf(snapshot)}
      title={trans._n('%1 run', '%1 runs', rows.length, rows.length)}
    >
      {rows.length > 0 && (
        <div className="jp-mlflow-Widget-scroller jp-mod-runs">
          <table
            className="jp-mlflow-Widget-table jp-mod-runs"
            aria-label={trans.__('Runs')}
          >
            <thead>
              <tr>
                <th scope="col">{trans.__('Run')}</th>
                <th scope="col">{trans.__('Created')}</th>
                <th scope="col">{trans.__('Duration')}</th>
                {columns.map(({ kind, key }) => (
                  <th
                    key={`${kind} ${key}`}
                    scope="col"
                    title={key}
                    className={kind === 'metrics' ? 'jp-mod-number' : undefined}
                  >
                    <Plain text={key} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(row => (
                <tr key={row.id} data-mlflow-run-id={row.id}>
                  <th scope="row" title={row.name}>
                    <StatusIcon status={row.status} />{' '}
                    <RunName id={row.id} name={row.name} />
                  </th>
                  <td>
                    <Time time={row.startTime} />
                  </td>
                  <td>
                    <Duration start={row.startTime} end={row.endTime} />
                  </td>
                  {row.values.map((value, at) => (
                    <td
                      key={at}
                      title={value === null ? '' : String(value)}
                      className={
                        columns[at].kind === 'metrics'
                          ? 'jp-mod-number'
                          : undefined
                      }
                    >
                      <CellValue value={value} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {snapshot.truncated && (
        <p className="jp-mlflow-Widget-none">
          {trans.__('More runs than a notebook keeps.')}
        </p>
      )}
    </Frame>
  );
}
