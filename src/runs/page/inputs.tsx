import * as v from 'valibot';
import type { DatasetInput } from '../../mlflow';
import { CopyButton } from '../../ui/clipboard';
import { useTrans } from '../../ui/context';
import { Section } from './section';

/** Columns that are drawn of a schema. */
const DRAWN_COLUMNS = 200;

const columns = v.object({
  mlflow_colspec: v.array(
    v.object({
      name: v.optional(v.union([v.string(), v.number()]), ''),
      type: v.optional(v.unknown()),
      required: v.optional(v.boolean(), true)
    })
  )
});

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The columns of a data set's schema; null for one that is no list of columns. */
export function columnsOf(schema: string): ReadonlyArray<Column> | null {
  const parsed = v.safeParse(columns, asJson(schema));
  return parsed.success
    ? parsed.output.mlflow_colspec.map(({ name, type, required }) => ({
        name: String(name),
        type: typeof type === 'string' ? type : JSON.stringify(type ?? ''),
        required
      }))
    : null;
}

/** What a source is called by: its address or path, where it names one. */
export function sourceText(source: string): string {
  const json = asJson(source);
  if (typeof json !== 'object' || json === null) {
    return source;
  }
  for (const key of ['url', 'uri', 'path', 'table_name', 'table', 'tags']) {
    const value: unknown = Object.entries(json).find(
      ([name]) => name === key
    )?.[1];
    if (typeof value === 'string') {
      return value;
    }
  }
  return source;
}

/** The data sets that a run used. */
export function InputsSection(props: {
  inputs: ReadonlyArray<DatasetInput>;
}): JSX.Element | null {
  const { inputs } = props;
  const trans = useTrans();
  if (inputs.length === 0) {
    return null;
  }
  return (
    <Section id="inputs" title={trans.__('Data sets')} count={inputs.length}>
      <ul className="jp-mlflow-Inputs">
        {inputs.map((input, index) => (
          <li key={`${input.dataset.name}/${input.dataset.digest}/${index}`}>
            <Input input={input} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Input(props: { input: DatasetInput }): JSX.Element {
  const { dataset, tags } = props.input;
  const trans = useTrans();
  const context = tags.get('mlflow.data.context') ?? '';
  const source = sourceText(dataset.source);
  const schema = columnsOf(dataset.schema);
  return (
    <>
      <div className="jp-mlflow-Inputs-head">
        <strong title={dataset.name}>{dataset.name}</strong>
        {context !== '' && <span className="jp-mlflow-Chip">{context}</span>}
      </div>
      <dl className="jp-mlflow-Facts">
        <dt>{trans.__('Digest')}</dt>
        <dd>
          <code title={dataset.digest}>{dataset.digest}</code>
          <CopyButton
            text={dataset.digest}
            label={trans.__('Copy the digest')}
          />
        </dd>
        {source !== '' && (
          <>
            <dt>{trans.__('Source')}</dt>
            <dd>
              <span className="jp-mlflow-Facts-text" title={source}>
                {dataset.sourceType ? `${dataset.sourceType}: ` : ''}
                {source}
              </span>
              <CopyButton text={source} label={trans.__('Copy the source')} />
            </dd>
          </>
        )}
      </dl>
      {dataset.schema !== '' && (
        <details>
          <summary>
            {schema
              ? trans._n(
                  'Schema: %1 column',
                  'Schema: %1 columns',
                  schema.length
                )
              : trans.__('Schema')}
          </summary>
          {schema ? (
            <table className="jp-mlflow-Inputs-schema">
              <thead>
                <tr>
                  <th scope="col">{trans.__('Column')}</th>
                  <th scope="col">{trans.__('Type')}</th>
                </tr>
              </thead>
              <tbody>
                {schema.slice(0, DRAWN_COLUMNS).map((column, index) => (
                  <tr key={index}>
                    <th scope="row">{column.name}</th>
                    <td>
                      {column.type}
                      {column.required ? '' : ` ${trans.__('(optional)')}`}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          ) : (
            <pre tabIndex={0}>{dataset.schema}</pre>
          )}
          {schema && schema.length > DRAWN_COLUMNS && (
            <p>
              {trans.__('and %1 more columns', schema.length - DRAWN_COLUMNS)}
            </p>
          )}
        </details>
      )}
    </>
  );
}
