import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, deleteIcon, editIcon } from '@jupyterlab/ui-components';
import { useState } from 'react';
import { Button, IconButton } from './buttons';
import { useTrans } from './context';
import { confirmDestructive } from './dialogs';
import { useDraft, type Drafts } from './drafts';
import { SaveProblem } from './editable-markdown';

/** MLflow's own limit for keys, in characters. */
const MAX_KEY = 250;
const SYSTEM_PREFIX = 'mlflow.';

/** Whether a tag is one that MLflow writes for itself. */
export function isSystemTag(key: string): boolean {
  return key.startsWith(SYSTEM_PREFIX);
}

/** Why a tag cannot be set, in a sentence; null if it can. */
export function checkTag(
  tag: { readonly key: string; readonly value: string },
  taken: (key: string) => boolean,
  maxValue: number | undefined,
  trans: TranslationBundle
): string | null {
  const key = tag.key.trim();
  if (key === '') {
    return trans.__('A tag needs a name.');
  }
  if (isSystemTag(key)) {
    return trans.__('Names that begin with “mlflow.” are kept by MLflow.');
  }
  if (key.length > MAX_KEY) {
    return trans.__('The name of a tag has at most %1 characters.', MAX_KEY);
  }
  if (taken(key)) {
    return trans.__('There is a tag “%1” already: edit that one.', key);
  }
  if (maxValue !== undefined && tag.value.length > maxValue) {
    return trans.__(
      'This server keeps at most %1 characters of a tag; this value has %2.',
      maxValue,
      tag.value.length
    );
  }
  return null;
}

interface TagsEditorProps {
  readonly tags: ReadonlyArray<readonly [string, string]>;
  readonly drafts: Drafts;
  /** Where drafts are kept: the id of what the tags belong to. */
  readonly scope: string;
  readonly maxValue?: number;
  /** Null where tags cannot be changed. */
  readonly onSet: ((key: string, value: string) => Promise<void>) | null;
  /** Null where tags cannot be deleted; `undeletable` says why. */
  readonly onDelete: ((key: string) => Promise<void>) | null;
  readonly undeletable?: string;
}

/** The tags that people gave, to add, edit and delete. */
export function TagsEditor(props: TagsEditorProps): JSX.Element {
  const { tags, drafts, scope, onSet, onDelete } = props;
  const trans = useTrans();
  const key = useDraft(drafts, `${scope}/tag-key`);
  const original = useDraft(drafts, `${scope}/tag-original`);
  const [problem, setProblem] = useState<unknown>(null);

  const edit = (from: string | null, value: string): void =>
    drafts.set({
      [`${scope}/tag-original`]: from,
      [`${scope}/tag-key`]: from ?? '',
      [`${scope}/tag-value`]: value
    });
  const remove = async (tag: string): Promise<void> => {
    setProblem(null);
    const agreed = await confirmDestructive({
      title: trans.__('Delete the tag?'),
      body: trans.__(
        '“%1” and its value will be gone. This cannot be undone.',
        tag
      ),
      action: trans.__('Delete'),
      trans
    });
    if (agreed && onDelete) {
      try {
        await onDelete(tag);
      } catch (reason) {
        setProblem(reason);
      }
    }
  };

  return (
    <div className="jp-mlflow-Tags">
      {tags.length > 0 && (
        <ul className="jp-mlflow-Tags-list">
          {tags.map(([tag, value]) =>
            key !== null && original === tag ? (
              <li key={tag}>
                <TagForm {...props} original={tag} />
              </li>
            ) : (
              <li key={tag} className="jp-mlflow-Tags-tag">
                <span className="jp-mlflow-Tags-key" title={tag}>
                  {tag}
                </span>
                <span className="jp-mlflow-Tags-value" title={value}>
                  {value}
                </span>
                {onSet && (
                  <IconButton
                    icon={editIcon}
                    label={trans.__('Edit the tag “%1”', tag)}
                    onClick={() => edit(tag, value)}
                  />
                )}
                {onSet && (
                  <IconButton
                    icon={deleteIcon}
                    label={
                      onDelete
                        ? trans.__('Delete the tag “%1”', tag)
                        : (props.undeletable ?? trans.__('Cannot be deleted'))
                    }
                    disabled={!onDelete}
                    onClick={() => void remove(tag)}
                  />
                )}
              </li>
            )
          )}
        </ul>
      )}
      <SaveProblem reason={problem} />
      {key !== null && original === null && onSet ? (
        <TagForm {...props} original={null} />
      ) : onSet ? (
        <Button
          className="jp-mlflow-Tags-add"
          onClick={() => {
            setProblem(null);
            edit(null, '');
          }}
        >
          <addIcon.react tag="span" elementSize="normal" aria-hidden="true" />
          {trans.__('Add tag')}
        </Button>
      ) : null}
    </div>
  );
}

function TagForm(
  props: TagsEditorProps & { original: string | null }
): JSX.Element {
  const { tags, drafts, scope, maxValue, onSet, original } = props;
  const trans = useTrans();
  const key = useDraft(drafts, `${scope}/tag-key`) ?? '';
  const value = useDraft(drafts, `${scope}/tag-value`) ?? '';
  const [isSaving, setSaving] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);

  const close = (): void =>
    drafts.set({
      [`${scope}/tag-original`]: null,
      [`${scope}/tag-key`]: null,
      [`${scope}/tag-value`]: null
    });
  const save = async (): Promise<void> => {
    const wrong = checkTag(
      { key, value },
      name => name !== original && tags.some(([other]) => other === name),
      maxValue,
      trans
    );
    if (wrong !== null || !onSet || isSaving) {
      setProblem(wrong === null ? null : new CheckError(wrong));
      return;
    }
    setSaving(true);
    setProblem(null);
    try {
      await onSet(key.trim(), value);
      close();
    } catch (reason) {
      setProblem(reason);
    } finally {
      setSaving(false);
    }
  };
  return (
    <form
      className="jp-mlflow-Editor jp-mlflow-Tags-form"
      aria-label={
        original === null
          ? trans.__('New tag')
          : trans.__('Edit the tag “%1”', original)
      }
      onSubmit={event => {
        event.preventDefault();
        void save();
      }}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          close();
        }
      }}
    >
      <input
        className="jp-mod-styled"
        autoFocus={original === null}
        aria-label={trans.__('Name of the tag')}
        placeholder={trans.__('Name')}
        value={key}
        readOnly={original !== null}
        onChange={event =>
          drafts.set({ [`${scope}/tag-key`]: event.target.value })
        }
      />
      <textarea
        className="jp-mod-styled"
        autoFocus={original !== null}
        aria-label={trans.__('Value of the tag')}
        placeholder={trans.__('Value')}
        // A one-line field would drop the line breaks of a value.
        rows={Math.min(6, value.split('\n').length)}
        value={value}
        onChange={event =>
          drafts.set({ [`${scope}/tag-value`]: event.target.value })
        }
        onKeyDown={event => {
          if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            event.stopPropagation();
            void save();
          }
        }}
      />
      {problem instanceof CheckError ? (
        <p role="alert" className="jp-mlflow-SaveProblem">
          {problem.message}
        </p>
      ) : (
        <SaveProblem reason={problem} />
      )}
      <div className="jp-mlflow-Editor-actions">
        <Button submit look="accept" disabled={isSaving}>
          {isSaving ? trans.__('Saving…') : trans.__('Save')}
        </Button>
        <Button onClick={close} disabled={isSaving}>
          {trans.__('Cancel')}
        </Button>
      </div>
    </form>
  );
}

/** Found before anything was sent: its sentence says everything. */
class CheckError extends Error {}
