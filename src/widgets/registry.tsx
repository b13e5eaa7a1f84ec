import { useMemo, type ReactNode } from 'react';
import { classes } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { Time } from '../ui/time';
import type { ModelContent, ModelSnapshot } from './content';
import { Plain, RunName, useScope } from './context';
import { Frame, type WidgetState } from './frame';
import { Missing, useKeeping, useNotices } from './keeping';
import { modelLayers, signatureRows } from './layers';
import { asObject } from './model';
import { isGone, useModels, useSignature } from './queries';

/** Characters of a name that stands on one line beside its text. */
const SHORT_NAME = 24;

/** The registry, or the versions of one model. */
export function LiveModel(props: {
  content: ModelContent;
  serverId: string;
}): JSX.Element {
  const { content, serverId } = props;
  const { services, json } = useScope();
  const { data: found, error } = useModels(services, serverId, content.name);
  const before = content.snapshot;
  const newest = found?.versions?.[0]?.version ?? null;
  const isSaved = newest === (before?.versions?.[0]?.version ?? null);
  const { signature, isSettled } = useSignature(
    services,
    serverId,
    content.name,
    isSaved ? null : newest
  );
  const data = useMemo(
    () =>
      found && {
        ...found,
        signature: isSaved ? (before?.signature ?? null) : signature
      },
    [found, isSaved, before, signature]
  );
  useKeeping(
    data !== undefined && isSettled && before === null,
    () => data && modelLayers(asObject(json), content, data, Date.now())
  );
  const notices = useNotices({
    isLive: data !== undefined,
    error,
    isGone: isGone(error)
  });
  return data === undefined ? (
    <StillModel content={content} why={notices} />
  ) : (
    <ModelFrame content={content} data={data} state="live" notices={notices} />
  );
}

export function StillModel(props: {
  content: ModelContent;
  why: ReadonlyArray<ReactNode>;
}): JSX.Element {
  const { content, why } = props;
  return content.snapshot === null ? (
    <Missing why={why} />
  ) : (
    <ModelFrame
      content={content}
      data={content.snapshot}
      state="static"
      notices={why}
    />
  );
}

function ModelFrame(props: {
  content: ModelContent;
  data: ModelSnapshot;
  state: WidgetState;
  notices: ReadonlyArray<ReactNode>;
}): JSX.Element {
  const { content } = props;
  const { description, signature, versions, models } = props.data;
  const hasStages = versions?.some(({ stage }) => stage !== '') ?? false;
  const trans = useTrans();
  const table = versions
    ? {
        columns: ['version', 'aliases', 'stage', 'status', 'run_id', 'created'],
        rows: versions.map(each => [
          each.version,
          each.aliases,
          each.stage,
          each.status,
          each.runId,
          each.made === null ? '' : new Date(each.made).toISOString()
        ])
      }
    : {
        columns: ['model', 'newest version', 'aliases', 'description'],
        rows: (models ?? []).map(each => [
          each.name,
          each.version,
          each.aliases,
          each.description
        ])
      };
  return (
    <Frame
      state={props.state}
      notices={props.notices}
      table={() => table}
      version={versions?.[0]?.version ?? null}
      title={
        content.name === null ? (
          trans.__('Registered models')
        ) : (
          <>
            <Plain text={content.name} />
            {description !== '' && (
              <span className="jp-mlflow-Widget-aside" title={description}>
                <Plain text={description} />
              </span>
            )}
          </>
        )
      }
    >
      <div className="jp-mlflow-Widget-scroller">
        {table.rows.length === 0 ? null : versions !== null ? (
          <table
            className="jp-mlflow-Widget-table jp-mod-wide"
            aria-label={trans.__('Versions')}
          >
            <thead>
              <tr>
                <th scope="col">{trans.__('Version')}</th>
                <th scope="col">{trans.__('Aliases')}</th>
                {hasStages && <th scope="col">{trans.__('Stage')}</th>}
                <th scope="col">{trans.__('Status')}</th>
                <th scope="col">{trans.__('Run')}</th>
                <th scope="col">{trans.__('Created')}</th>
              </tr>
            </thead>
            <tbody>
              {versions.map(each => (
                <tr key={each.version}>
                  <th scope="row">{each.version}</th>
                  <td>
                    <Plain text={each.aliases} />
                  </td>
                  {hasStages && (
                    <td>
                      <Plain text={each.stage} />
                    </td>
                  )}
                  <td>
                    <Plain text={each.status} />
                  </td>
                  <td>
                    {each.runId !== '' && <RunName id={each.runId} name="" />}
                  </td>
                  <td>
                    <Time time={each.made} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : (
          <table
            className="jp-mlflow-Widget-table jp-mod-wide"
            aria-label={trans.__('Registered models')}
          >
            <thead>
              <tr>
                <th scope="col">{trans.__('Model')}</th>
                <th scope="col">{trans.__('Newest version')}</th>
                <th scope="col">{trans.__('Aliases')}</th>
                <th scope="col">{trans.__('Description')}</th>
              </tr>
            </thead>
            <tbody>
              {(models ?? []).map(each => (
                <tr key={each.name}>
                  <th scope="row" title={each.name}>
                    <Plain text={each.name} />
                  </th>
                  <td>{each.version}</td>
                  <td>
                    <Plain text={each.aliases} />
                  </td>
                  <td title={each.description}>
                    <Plain text={each.description} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      {signature !== null && (
        <table className="jp-mlflow-Widget-table">
          <caption>
            {trans.__('Signature of version %1', versions?.[0]?.version ?? '')}
          </caption>
          <tbody>
            {signatureRows(signature).map(([part, name, type, needed], at) => (
              <tr key={at}>
                <th scope="row">{part}</th>
                <td>
                  <Plain text={name} />
                </td>
                <td>
                  <Plain text={type} />
                </td>
                <td>{needed}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {table.rows.length === 0 && (
        <p className="jp-mlflow-Widget-none">
          {versions !== null
            ? trans.__('This model has no versions.')
            : trans.__('No models are registered.')}
        </p>
      )}
    </Frame>
  );
}

/** What the kernel said of itself: words, which nothing makes live. */
export function StatusNotes(props: {
  rows: ReadonlyArray<readonly [string, string]>;
  note: string | null;
}): JSX.Element {
  return (
    <Frame state="static" notices={[props.note && <Plain text={props.note} />]}>
      <table
        className={classes(
          'jp-mlflow-Widget-table jp-mod-words',
          props.rows.every(([name]) => name.length <= SHORT_NAME) &&
            'jp-mod-short'
        )}
      >
        <tbody>
          {props.rows.map(([name, text], at) => (
            <tr key={at}>
              <th scope="row">
                <Plain text={name} />
              </th>
              <td>
                <Plain text={text} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Frame>
  );
}
