import { useId, useMemo, useRef, useState } from 'react';
import { useTrans } from '../ui/context';

/** Keys of one kind to choose from. */
export interface KeyGroup {
  readonly id: string;
  readonly label: string;
  readonly keys: ReadonlyArray<{ readonly id: string; readonly label: string }>;
}

/** Drawn at once; more are found by searching. */
const MOST_DRAWN = 400;

/** A searchable list of keys with check boxes, in groups. */
export function KeysPicker(props: {
  label: string;
  groups: ReadonlyArray<KeyGroup>;
  chosen: ReadonlySet<string>;
  /** So many at most: the one that was chosen first gives way. */
  most?: number;
  /** Whether whole groups can be chosen at once. */
  hasAll?: boolean;
  onChange: (chosen: ReadonlyArray<string>) => void;
  onClose: () => void;
}): JSX.Element {
  const { groups, chosen, most, onChange } = props;
  const trans = useTrans();
  const [search, setSearch] = useState('');
  const prefix = useId();
  const body = useRef<HTMLDivElement>(null);
  const found = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    return groups
      .map(group => ({
        ...group,
        keys: group.keys.filter(key => key.label.toLowerCase().includes(wanted))
      }))
      .filter(group => group.keys.length > 0);
  }, [groups, search]);

  const toggle = (id: string, on: boolean): void => {
    const rest = [...chosen].filter(one => one !== id);
    const next = on ? [...rest, id] : rest;
    onChange(most === undefined ? next : next.slice(-most));
  };
  let budget = MOST_DRAWN;

  return (
    <div
      ref={body}
      role="group"
      aria-label={props.label}
      className="jp-mlflow-KeysPicker"
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          props.onClose();
        } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
          event.preventDefault();
          const boxes = [
            ...(body.current?.querySelectorAll<HTMLInputElement>('input') ?? [])
          ];
          const at = boxes.findIndex(box => box === document.activeElement);
          boxes[at + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
        }
      }}
    >
      <input
        type="search"
        autoFocus
        className="jp-mlflow-Search-field"
        aria-label={trans.__('Search names')}
        placeholder={trans.__('Search names')}
        value={search}
        onChange={event => setSearch(event.target.value)}
      />
      <div className="jp-mlflow-KeysPicker-list">
        {found.length === 0 && (
          <div className="jp-mlflow-KeysPicker-none">
            {trans.__('Nothing matches.')}
          </div>
        )}
        {found.map(group => {
          const drawn = group.keys.slice(0, Math.max(0, budget));
          budget -= drawn.length;
          const left = group.keys.length - drawn.length;
          const all = group.keys.every(key => chosen.has(key.id));
          return (
            <fieldset key={group.id} className="jp-mlflow-KeysPicker-group">
              <legend>
                {group.label}
                {props.hasAll && (
                  <button
                    type="button"
                    className="jp-mlflow-Button jp-mod-link"
                    onClick={() => {
                      const ids = new Set(group.keys.map(key => key.id));
                      const rest = [...chosen].filter(id => !ids.has(id));
                      onChange(all ? rest : [...rest, ...ids]);
                    }}
                  >
                    {all
                      ? trans.__('None of %1', group.keys.length)
                      : trans.__('All %1', group.keys.length)}
                  </button>
                )}
              </legend>
              {drawn.map(key => (
                <label
                  key={key.id}
                  className="jp-mlflow-KeysPicker-key"
                  htmlFor={`${prefix}${key.id}`}
                >
                  <input
                    id={`${prefix}${key.id}`}
                    type="checkbox"
                    checked={chosen.has(key.id)}
                    onChange={event => toggle(key.id, event.target.checked)}
                  />
                  <span title={key.label}>{key.label}</span>
                </label>
              ))}
              {left > 0 && (
                <div className="jp-mlflow-KeysPicker-none">
                  {trans.__('%1 more: search to find them.', left)}
                </div>
              )}
            </fieldset>
          );
        })}
      </div>
    </div>
  );
}
