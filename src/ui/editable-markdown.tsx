import { editIcon } from '@jupyterlab/ui-components';
import { useId, useState, type ReactNode } from 'react';
import { Button, IconButton } from './buttons';
import { useTrans } from './context';
import { useDraft, type Drafts } from './drafts';
import { describeError } from './errors';
import { Markdown } from './markdown';

/** Why something could not be saved, beside where it was typed. */
export function SaveProblem(props: { reason: unknown }): JSX.Element | null {
  const trans = useTrans();
  if (props.reason === null) {
    return null;
  }
  const { message, hint } = describeError(props.reason, trans);
  return (
    <p role="alert" className="jp-mlflow-SaveProblem">
      {message} {hint}
    </p>
  );
}

interface EditableMarkdownProps {
  readonly text: string;
  /** Names the field: "Description". */
  readonly label: string;
  /** Stands where there is no text yet. */
  readonly empty: string;
  readonly drafts: Drafts;
  readonly field: string;
  /** Longest text that is kept, in characters. */
  readonly maxLength?: number;
  /** Null where it cannot be changed. */
  readonly onSave: ((text: string) => Promise<void>) | null;
}

/** A Markdown text with a button to edit it. What was typed stays until it is saved or given up. */
export function EditableMarkdown(props: EditableMarkdownProps): JSX.Element {
  const { text, label, empty, drafts, field, onSave } = props;
  const trans = useTrans();
  const draft = useDraft(drafts, field);
  if (draft !== null && onSave) {
    return <Editor {...props} onSave={onSave} draft={draft} />;
  }
  const edit: ReactNode = onSave ? (
    <IconButton
      icon={editIcon}
      label={trans.__('Edit %1', label)}
      className="jp-mlflow-Editable-edit"
      onClick={() => drafts.set({ [field]: text })}
    />
  ) : null;
  return (
    <div className="jp-mlflow-Editable">
      {text.trim() === '' ? (
        <span className="jp-mlflow-Editable-empty">{empty}</span>
      ) : (
        <Markdown text={text} />
      )}
      {edit}
    </div>
  );
}

function Editor(
  props: EditableMarkdownProps & {
    draft: string;
    onSave: (text: string) => Promise<void>;
  }
): JSX.Element {
  const { text, label, drafts, field, maxLength, onSave, draft } = props;
  const trans = useTrans();
  const hintId = useId();
  const [isSaving, setSaving] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const tooLong = maxLength !== undefined && draft.length > maxLength;

  const close = (): void => drafts.set({ [field]: null });
  const save = async (): Promise<void> => {
    if (isSaving || tooLong) {
      return;
    }
    setSaving(true);
    setProblem(null);
    try {
      await onSave(draft);
      close();
    } catch (reason) {
      setProblem(reason);
    } finally {
      setSaving(false);
    }
  };
  return (
    <form
      className="jp-mlflow-Editor"
      aria-label={label}
      onSubmit={event => {
        event.preventDefault();
        void save();
      }}
    >
      <textarea
        autoFocus
        className="jp-mod-styled"
        aria-label={label}
        aria-describedby={hintId}
        aria-invalid={tooLong || problem !== null}
        rows={Math.min(14, Math.max(4, draft.split('\n').length + 1))}
        value={draft}
        onChange={event => drafts.set({ [field]: event.target.value })}
        onKeyDown={event => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            // JupyterLab runs a cell by the same keys.
            event.preventDefault();
            event.stopPropagation();
            void save();
          } else if (event.key === 'Escape' && draft === text) {
            event.stopPropagation();
            close();
          }
        }}
      />
      <div id={hintId} className="jp-mlflow-Editor-hint">
        {tooLong
          ? trans.__(
              'This server keeps at most %1 characters; this text has %2.',
              maxLength,
              draft.length
            )
          : trans.__('Markdown. Ctrl+Enter saves.')}
      </div>
      <SaveProblem reason={problem} />
      <div className="jp-mlflow-Editor-actions">
        <Button submit look="accept" disabled={isSaving || tooLong}>
          {isSaving ? trans.__('Saving…') : trans.__('Save')}
        </Button>
        <Button onClick={close} disabled={isSaving}>
          {trans.__('Cancel')}
        </Button>
      </div>
    </form>
  );
}
