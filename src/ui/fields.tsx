import {
  useEffect,
  useId,
  useRef,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes
} from 'react';

interface FieldProps {
  readonly label: string;
  /** What to write, in a few words. */
  readonly help?: string;
  /** What is wrong with it: what, and what to do. */
  readonly error?: { readonly message: string; readonly hint: string } | null;
}

function Field(
  props: FieldProps & {
    children: (ids: {
      id: string;
      describedBy: string | undefined;
    }) => ReactNode;
  }
): JSX.Element {
  const id = useId();
  const { help, error } = props;
  const helpId = help ? `${id}-help` : undefined;
  const errorId = error ? `${id}-error` : undefined;
  const node = useRef<HTMLDivElement>(null);
  const said = error?.message ?? null;
  // A form may be longer than its dialog: the field that was refused is to be seen.
  useEffect(() => {
    if (said !== null) {
      node.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
    }
  }, [said]);
  return (
    <div className="jp-mlflow-Field" ref={node}>
      <label className="jp-mlflow-Field-label" htmlFor={id}>
        {props.label}
      </label>
      {props.children({
        id,
        describedBy: [errorId, helpId].filter(Boolean).join(' ') || undefined
      })}
      {error ? (
        <div className="jp-mlflow-Field-error" id={errorId} role="alert">
          <div>{error.message}</div>
          {error.hint ? <div>{error.hint}</div> : null}
        </div>
      ) : null}
      {help ? (
        <div className="jp-mlflow-Field-help" id={helpId}>
          {help}
        </div>
      ) : null}
    </div>
  );
}

/** A labelled line of text with its help and its error below. */
export function TextField(
  props: FieldProps &
    Omit<
      InputHTMLAttributes<HTMLInputElement>,
      'id' | 'onChange' | 'className'
    > & { onText: (text: string) => void }
): JSX.Element {
  const { label, help, error, onText, ...rest } = props;
  return (
    <Field label={label} help={help} error={error}>
      {({ id, describedBy }) => (
        <input
          spellCheck={false}
          autoCapitalize="off"
          {...rest}
          id={id}
          className="jp-mlflow-Input"
          aria-describedby={describedBy}
          aria-invalid={error ? true : undefined}
          onChange={event => {
            onText(event.target.value);
          }}
        />
      )}
    </Field>
  );
}

/** A labelled choice; its children are the options. */
export function SelectField(
  props: FieldProps &
    Omit<
      SelectHTMLAttributes<HTMLSelectElement>,
      'id' | 'onChange' | 'className'
    > & { onText: (text: string) => void }
): JSX.Element {
  const { label, help, error, onText, ...rest } = props;
  return (
    <Field label={label} help={help} error={error}>
      {({ id, describedBy }) => (
        <select
          {...rest}
          id={id}
          className="jp-mlflow-Input jp-mlflow-Select"
          aria-describedby={describedBy}
          aria-invalid={error ? true : undefined}
          onChange={event => {
            onText(event.target.value);
          }}
        />
      )}
    </Field>
  );
}
