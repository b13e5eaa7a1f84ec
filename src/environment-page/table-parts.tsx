import type { ReactNode } from 'react';
import { classes } from '../ui/buttons';
import { useTrans } from '../ui/context';

/** A table of the page under its heads; the last column, that of actions, has its head for screen readers alone. */
export function PageTable(props: {
  columns: ReadonlyArray<string>;
  labelledBy: string;
  children: ReactNode;
}): JSX.Element {
  const { columns, labelledBy, children } = props;
  const trans = useTrans();
  return (
    <table
      className="jp-mlflow-Environments-table"
      aria-labelledby={labelledBy}
    >
      <thead>
        <tr>
          {columns.map(each => (
            <th key={each} scope="col">
              {each}
            </th>
          ))}
          <th scope="col">
            <span className="jp-mlflow-hidden">{trans.__('Actions')}</span>
          </th>
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

/** The first cell of a row: what it is, marks beside the name, where it lies, and what is to be said of it. */
export function NameCell(props: {
  name: string;
  marks: ReadonlyArray<string | null>;
  path: string;
  note: { readonly isProblem: boolean; readonly text: ReactNode } | null;
}): JSX.Element {
  const { name, marks, path, note } = props;
  return (
    <th scope="row">
      <span className="jp-mlflow-Environments-name">{name}</span>
      <span className="jp-mlflow-Environments-marks">
        {marks.filter(Boolean).join(' · ')}
      </span>
      <Path>{path}</Path>
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
  );
}

/** A path, or what else stands small on a line of its own. */
export function Path(props: { children: ReactNode }): JSX.Element {
  return <span className="jp-mlflow-Environments-path">{props.children}</span>;
}

/** Something that is not there. */
export function None(): JSX.Element {
  const trans = useTrans();
  return (
    <span className="jp-mlflow-Environments-none">{trans.__('none')}</span>
  );
}
