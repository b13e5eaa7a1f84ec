import { clearIcon } from '@jupyterlab/ui-components';
import { useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import {
  completionsAt,
  type Completion,
  type Completions,
  type FilterCapabilities,
  type KnownKeys,
  validate
} from '../../mlflow/filter';
import { classes, IconButton } from '../../ui/buttons';
import { useTrans } from '../../ui/context';
import { looksLikeFilter, searchOf } from '../search';

/** Options drawn at once; typing narrows them. */
const MOST_OPTIONS = 50;

const NONE: Completions = { from: 0, to: 0, options: [] };

/**
 * A field for MLflow's filter grammar: marks what MLflow would refuse before it is sent, and completes names and values.
 * Plain text searches the names of runs.
 */
export function FilterBox(props: {
  /** What is applied. */
  value: string;
  known: KnownKeys;
  capabilities: FilterCapabilities;
  /** What MLflow said to the filter that is applied. */
  refused: string | null;
  onApply: (filter: string) => void;
}): JSX.Element {
  const { value, known, capabilities, onApply } = props;
  const trans = useTrans();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const [draft, setDraft] = useState<string | null>(null);
  const [popup, setPopup] = useState<Completions>(NONE);
  const [active, setActive] = useState(-1);
  const text = draft ?? value;

  const problems = useMemo(
    () => (looksLikeFilter(text) ? validate(text, capabilities) : []),
    [text, capabilities]
  );
  const search = useMemo(
    () => searchOf(text, capabilities, trans),
    [text, capabilities, trans]
  );
  const problem = problems[0] ?? null;
  const message =
    problem?.message ??
    search.problem ??
    (draft === null ? props.refused : null);
  const isError =
    search.problem !== null || (draft === null && props.refused !== null);

  const complete = (typed: string, caret: number): void => {
    const next = completionsAt(typed, caret, known, capabilities);
    setPopup({ ...next, options: next.options.slice(0, MOST_OPTIONS) });
    setActive(-1);
  };
  const close = (): void => {
    setPopup(NONE);
    setActive(-1);
  };
  const apply = (filter: string): void => {
    close();
    if (searchOf(filter, capabilities, trans).problem === null) {
      setDraft(null);
      onApply(filter.trim());
    }
  };
  const take = (option: Completion): void => {
    // After an entity comes its key at once; after anything else a space.
    const gap = option.kind === 'entity' ? '' : ' ';
    const rest = text.slice(popup.to);
    const next =
      text.slice(0, popup.from) +
      option.text +
      gap +
      (gap === ' ' ? rest.replace(/^ /, '') : rest);
    const caret = popup.from + option.text.length + gap.length;
    setDraft(next);
    complete(next, caret);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(caret, caret);
    });
  };

  const isOpen = popup.options.length > 0;
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const { key } = event;
    const count = popup.options.length;
    if (isOpen && (key === 'ArrowDown' || key === 'ArrowUp')) {
      setActive(
        key === 'ArrowDown'
          ? (active + 1) % count
          : (active <= 0 ? count : active) - 1
      );
    } else if (isOpen && (key === 'Tab' || key === 'Enter') && active >= 0) {
      take(popup.options[active]);
    } else if (key === 'Enter') {
      apply(text);
    } else if (isOpen && key === 'Escape') {
      close();
    } else if (key === 'Escape' && draft !== null) {
      setDraft(null);
    } else if (
      (event.ctrlKey && key === ' ') ||
      (!isOpen && key === 'ArrowDown')
    ) {
      complete(text, event.currentTarget.selectionStart ?? text.length);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="jp-mlflow-Filter">
      <div
        className={classes('jp-mlflow-Filter-box', isError && 'jp-mod-error')}
      >
        <div
          ref={mirror}
          className="jp-mlflow-Filter-mirror"
          aria-hidden="true"
        >
          {problem === null ? null : (
            <>
              {text.slice(0, problem.from)}
              <mark
                className={
                  problem.severity === 'error'
                    ? 'jp-mod-error'
                    : 'jp-mod-warning'
                }
              >
                {text.slice(problem.from, problem.to) || ' '}
              </mark>
              {text.slice(problem.to)}
            </>
          )}
        </div>
        <input
          ref={input}
          type="text"
          role="combobox"
          className="jp-mlflow-Filter-input"
          aria-label={trans.__('Filter runs')}
          aria-autocomplete="list"
          aria-expanded={isOpen}
          aria-controls={`${id}list`}
          aria-activedescendant={active >= 0 ? `${id}${active}` : undefined}
          aria-invalid={isError}
          aria-describedby={`${id}message`}
          placeholder={trans.__(
            "Filter: metrics.loss < 0.1 AND params.model = 'tree', or part of a name"
          )}
          spellCheck={false}
          autoComplete="off"
          value={text}
          onChange={event => {
            setDraft(event.target.value);
            complete(
              event.target.value,
              event.target.selectionStart ?? event.target.value.length
            );
          }}
          onScroll={event => {
            if (mirror.current) {
              mirror.current.scrollLeft = event.currentTarget.scrollLeft;
            }
          }}
          onBlur={close}
          onKeyDown={onKeyDown}
        />
        {text !== '' && (
          <IconButton
            icon={clearIcon}
            label={trans.__('Clear the filter')}
            onClick={() => {
              setDraft(null);
              close();
              onApply('');
            }}
          />
        )}
        <ul
          id={`${id}list`}
          role="listbox"
          aria-label={trans.__('Completions')}
          className="jp-mlflow-Filter-options"
          hidden={!isOpen}
        >
          {popup.options.map((option, index) => (
            <li
              key={`${option.kind}${option.label}`}
              id={`${id}${index}`}
              role="option"
              aria-selected={index === active}
              ref={
                index === active
                  ? element => element?.scrollIntoView({ block: 'nearest' })
                  : undefined
              }
              onMouseDown={event => {
                event.preventDefault();
                take(option);
              }}
            >
              {option.label}
            </li>
          ))}
        </ul>
      </div>
      <div
        id={`${id}message`}
        className={classes(
          'jp-mlflow-Filter-message',
          isError && 'jp-mod-error'
        )}
        role={isError ? 'alert' : 'status'}
      >
        {message ??
          (draft !== null && draft.trim() !== value
            ? search.problem === null && search.isByName
              ? trans.__('Enter searches for names with “%1”.', text.trim())
              : trans.__('Enter applies the filter.')
            : '')}
        {problem?.fix !== undefined && (
          <>
            {' '}
            <button
              type="button"
              className="jp-mlflow-Button jp-mod-link"
              onClick={() => {
                setDraft(
                  text.slice(0, problem.from) +
                    problem.fix +
                    text.slice(problem.to)
                );
                input.current?.focus();
              }}
            >
              {trans.__('Use %1', problem.fix)}
            </button>
          </>
        )}
      </div>
    </div>
  );
}
