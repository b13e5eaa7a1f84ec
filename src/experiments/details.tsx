import { closeIcon } from '@jupyterlab/ui-components';
import { useCapabilities } from '../servers/capabilities';
import { IconButton } from '../ui/buttons';
import { CopyButton } from '../ui/clipboard';
import { useTrans } from '../ui/context';
import { EditableMarkdown } from '../ui/editable-markdown';
import { describeError } from '../ui/errors';
import { EmptyState, ErrorState, LoadingState } from '../ui/states';
import { isSystemTag, TagsEditor } from '../ui/tags-editor';
import { Time } from '../ui/time';
import { useExperiments, useSelectedId } from './context';
import { useExperiment } from './queries';

/** MLflow's own limit of an experiment's tags on the oldest servers, in characters. */
const MAX_TAG = 5000;
const NOTE = 'mlflow.note.content';

/** Description, tags and facts of the selected experiment, below the list. */
export function ExperimentDetails(props: { serverId: string }): JSX.Element {
  const trans = useTrans();
  const { model } = useExperiments();
  const selected = useSelectedId(props.serverId);
  return (
    <section
      className="jp-mlflow-Details"
      aria-label={trans.__('Details of the experiment')}
    >
      <IconButton
        icon={closeIcon}
        label={trans.__('Close the details')}
        className="jp-mlflow-Details-close"
        onClick={() => model.set({ details: false })}
      />
      {selected === null ? (
        <EmptyState title={trans.__('No experiment selected')}>
          {trans.__('Its description and tags would stand here.')}
        </EmptyState>
      ) : (
        <Facts
          key={selected}
          serverId={props.serverId}
          experimentId={selected}
        />
      )}
    </section>
  );
}

function Facts(props: { serverId: string; experimentId: string }): JSX.Element {
  const { serverId, experimentId } = props;
  const trans = useTrans();
  const { model, actions } = useExperiments();
  const capabilities = useCapabilities(serverId);
  const { data, error } = useExperiment(serverId, experimentId);
  if (!data) {
    if (!error) {
      return <LoadingState label={trans.__('Loading the experiment')} />;
    }
    const { message, hint } = describeError(error, trans);
    return (
      <ErrorState
        title={trans.__('The experiment could not be read')}
        message={message}
        hint={hint}
      />
    );
  }
  const scope = `${serverId}/${experimentId}`;
  const canEdit = data.lifecycleStage === 'active';
  const tags = [...data.tags].filter(([key]) => !isSystemTag(key));
  return (
    <>
      <h3 className="jp-mlflow-Details-name">{data.name}</h3>
      <EditableMarkdown
        text={data.tags.get(NOTE) ?? ''}
        label={trans.__('Description')}
        empty={trans.__('No description')}
        drafts={model.drafts}
        field={`${scope}/description`}
        maxLength={MAX_TAG}
        onSave={
          canEdit
            ? text => actions.setTag({ serverId, experimentId }, NOTE, text)
            : null
        }
      />
      <h4>{trans.__('Tags')}</h4>
      <TagsEditor
        tags={tags}
        drafts={model.drafts}
        scope={scope}
        maxValue={MAX_TAG}
        onSet={
          canEdit
            ? (key, value) =>
                actions.setTag({ serverId, experimentId }, key, value)
            : null
        }
        onDelete={
          capabilities?.deleteExperimentTag
            ? key => actions.deleteTag({ serverId, experimentId }, key)
            : null
        }
        undeletable={trans.__(
          'This tracking server is too old to delete tags of experiments'
        )}
      />
      <dl className="jp-mlflow-Facts">
        <dt>{trans.__('Id')}</dt>
        <dd>
          <code>{data.id}</code>
          <CopyButton text={data.id} label={trans.__('Copy the id')} />
        </dd>
        <dt>{trans.__('Created')}</dt>
        <dd>
          <Time time={data.creationTime} />
        </dd>
        <dt>{trans.__('Last updated')}</dt>
        <dd>
          <Time time={data.lastUpdateTime} />
        </dd>
        <dt>{trans.__('Files')}</dt>
        <dd title={data.artifactLocation}>
          <code>{data.artifactLocation}</code>
        </dd>
      </dl>
    </>
  );
}
