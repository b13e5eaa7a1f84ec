import type { LabIcon } from '@jupyterlab/ui-components';
import type { ButtonHTMLAttributes, KeyboardEvent, ReactNode } from 'react';

type NativeProps = Omit<
  ButtonHTMLAttributes<HTMLButtonElement>,
  'className' | 'type'
>;

/** Class names, the absent ones left out. */
export function classes(
  ...names: ReadonlyArray<string | false | null | undefined>
): string {
  return names.filter(Boolean).join(' ');
}

/**
 * A button with words. `accept` is the one thing to do here, `warn` destroys something, `link` stands in running text.
 */
export function Button(
  props: NativeProps & {
    look?: 'accept' | 'warn' | 'link';
    className?: string;
    submit?: boolean;
  }
): JSX.Element {
  const { look, className, submit, ...rest } = props;
  return (
    <button
      {...rest}
      type={submit ? 'submit' : 'button'}
      className={classes(
        'jp-mlflow-Button',
        look && `jp-mod-${look}`,
        // JupyterLab's own colours of buttons that accept or warn.
        (look === 'accept' || look === 'warn') && 'jp-mod-styled',
        className
      )}
    />
  );
}

/** A button with an icon, named by `label`, which is its tooltip too. `pressed` makes it a toggle. */
export function IconButton(
  props: NativeProps & {
    icon: LabIcon;
    label: string;
    pressed?: boolean;
    className?: string;
  }
): JSX.Element {
  const { icon, label, pressed, className, ...rest } = props;
  return (
    <button
      title={label}
      {...rest}
      type="button"
      aria-label={label}
      aria-pressed={pressed}
      className={classes(
        'jp-mlflow-IconButton',
        pressed && 'jp-mod-pressed',
        className
      )}
    >
      <icon.react
        tag="span"
        elementPosition="center"
        elementSize="normal"
        aria-hidden="true"
      />
    </button>
  );
}

const MOVES: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowRight: (at, count) => (at + 1) % count,
  ArrowLeft: (at, count) => (at - 1 + count) % count,
  Home: () => 0,
  End: (_, count) => count - 1
};

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const move = MOVES[event.key];
  // Inside a text field these keys move the caret.
  if (
    !move ||
    event.target instanceof HTMLInputElement ||
    event.target instanceof HTMLSelectElement
  ) {
    return;
  }
  const items = [
    ...event.currentTarget.querySelectorAll<HTMLElement>(
      'button:not(:disabled), select, input'
    )
  ];
  const at = items.findIndex(item => item === event.target);
  if (at !== -1) {
    event.preventDefault();
    items[move(at, items.length)].focus();
  }
}

/** Buttons in a row, named for screen readers; the arrow keys move between them, and so does Tab. */
export function Toolbar(props: {
  label: string;
  className?: string;
  children: ReactNode;
}): JSX.Element {
  return (
    <div
      role="toolbar"
      aria-label={props.label}
      className={classes('jp-mlflow-Toolbar', props.className)}
      onKeyDown={moveFocus}
    >
      {props.children}
    </div>
  );
}
