import type { Run } from '../../mlflow';
import { useCapabilities } from '../../servers/capabilities';
import { useTrans } from '../../ui/context';
import { EditableMarkdown } from '../../ui/editable-markdown';
import { isSystemTag, TagsEditor } from '../../ui/tags-editor';
import { useRunPage } from './context';
import { Section } from './section';

const NOTE = 'mlflow.note.content';

/** What people wrote about the run. */
export function DescriptionSection(props: { run: Run }): JSX.Element {
  const { run } = props;
  const trans = useTrans();
  const { ref, model, actions } = useRunPage();
  const capabilities = useCapabilities(ref.serverId);
  return (
    <Section id="description" title={trans.__('Description')}>
      <EditableMarkdown
        text={run.tags.get(NOTE) ?? ''}
        label={trans.__('Description')}
        empty={trans.__('No description')}
        drafts={model.drafts}
        field="description"
        maxLength={capabilities?.maxTagLength}
        onSave={
          run.info.lifecycleStage === 'active'
            ? text => actions.setTag(ref, NOTE, text)
            : null
        }
      />
    </Section>
  );
}

/** Written by MLflow, or by Jupyter for a run that a cell made: what it means stands among the facts. */
function isWritten(key: string): boolean {
  return isSystemTag(key) || key.startsWith('jupyter.');
}

/** The run's tags: people's to edit, those that MLflow and Jupyter wrote to read. */
export function TagsSections(props: { tags: Run['tags']; canEdit: boolean }) {
  const { tags, canEdit } = props;
  const trans = useTrans();
  const { ref, model, actions } = useRunPage();
  const capabilities = useCapabilities(ref.serverId);
  const own = [...tags].filter(([key]) => !isWritten(key));
  const system = [...tags].filter(([key]) => isWritten(key) && key !== NOTE);
  return (
    <>
      <Section id="tags" title={trans.__('Tags')} count={own.length}>
        <TagsEditor
          tags={own}
          drafts={model.drafts}
          scope="tags"
          maxValue={capabilities?.maxTagLength}
          onSet={
            canEdit ? (key, value) => actions.setTag(ref, key, value) : null
          }
          onDelete={canEdit ? key => actions.deleteTag(ref, key) : null}
        />
        {own.length === 0 && !canEdit && (
          <p className="jp-mlflow-Run-none">{trans.__('No tags')}</p>
        )}
      </Section>
      {system.length > 0 && (
        <Section
          id="system-tags"
          title={trans.__('MLflow’s and Jupyter’s own tags')}
          count={system.length}
        >
          <TagsEditor
            tags={system}
            drafts={model.drafts}
            scope="system-tags"
            onSet={null}
            onDelete={null}
          />
        </Section>
      )}
    </>
  );
}
