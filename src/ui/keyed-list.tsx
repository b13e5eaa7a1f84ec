import {
  useId,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode
} from 'react';
import { classes } from './buttons';

/** One line of a list or tree, as far as the keyboard is concerned. */
export interface KeyedItem {
  readonly key: string;
  /** What type-ahead compares with. */
  readonly text: string;
  /** Depth in a tree, from 1. */
  readonly level?: number;
  /** Whether a tree's branch is open; undefined for leaves. */
  readonly expanded?: boolean;
}

export interface KeyedListOptions {
  /** `tree` where lines hold buttons or branches, `listbox` for plain choices: its options may hold no button. */
  readonly role: 'listbox' | 'tree';
  /** All lines in their order, drawn or not (virtual lists). */
  readonly items: ReadonlyArray<KeyedItem>;
  /** The selected line. Without it the list keeps only its cursor. */
  readonly selected?: string | null;
  readonly onSelect?: (key: string) => void;
  /** Enter or double click. */
  readonly onOpen?: (key: string) => void;
  readonly onRename?: (key: string) => void;
  readonly onDelete?: (key: string) => void;
  readonly onToggle?: (key: string, expanded: boolean) => void;
  /** Brings a line into view; needed by virtual lists, whose line may not be drawn. */
  readonly reveal?: (index: number) => void;
  /** False: arrows move the cursor only, and Space or Enter selects. */
  readonly selectOnMove?: boolean;
}

export interface KeyedListProps {
  readonly listProps: {
    readonly role: string;
    readonly tabIndex: number;
    readonly 'aria-activedescendant': string | undefined;
    readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  };
  readonly itemProps: (item: KeyedItem) => {
    readonly id: string;
    readonly role: string;
    readonly 'aria-selected': boolean;
    readonly 'aria-level': number | undefined;
    readonly 'aria-expanded': boolean | undefined;
    readonly 'data-cursor': boolean | undefined;
    readonly onClick: (event: MouseEvent<HTMLElement>) => void;
    readonly onDoubleClick: () => void;
  };
}

/** Letters typed within so many milliseconds make one word. */
const TYPE_AHEAD_MS = 700;

/** Where a typed text leads: the next line that begins with it, from the cursor on, wrapping. */
export function typeAhead(
  items: ReadonlyArray<KeyedItem>,
  from: number,
  typed: string
): number {
  const lower = typed.toLowerCase();
  // One letter, again and again, walks through the lines that begin with it.
  const same = [...lower].every(letter => letter === lower[0]);
  const wanted = same ? lower.slice(0, 1) : lower;
  const start = from + (same ? 1 : 0);
  for (let step = 0; step < items.length; step++) {
    const index = (Math.max(0, start) + step) % items.length;
    if (items[index].text.toLowerCase().startsWith(wanted)) {
      return index;
    }
  }
  return -1;
}

/**
 * The keyboard of a list or tree: arrows, Home, End, page keys, Enter, F2, Delete, type-ahead, and branches.
 * The list has the focus and names its current line by `aria-activedescendant`, so that lines may come and go.
 *
 * #### Notes
 * Spread `listProps` on the element that scrolls and `itemProps(item)` on each line; style `[data-cursor]` of a
 * focused list.
 */
export function useKeyedList(options: KeyedListOptions): KeyedListProps {
  const { items, role, selected = null } = options;
  const prefix = useId();
  const [cursor, setCursor] = useState<string | null>(null);
  const typed = useRef({ text: '', at: 0 });

  const indexOf = (key: string | null): number =>
    key === null ? -1 : items.findIndex(item => item.key === key);
  const current = indexOf(cursor) !== -1 ? cursor : selected;
  const at = indexOf(current);
  const idOf = (key: string): string => `${prefix}-${key}`;

  const moveTo = (index: number): void => {
    const item = items[Math.min(Math.max(index, 0), items.length - 1)] as
      KeyedItem | undefined;
    if (!item) {
      return;
    }
    setCursor(item.key);
    options.reveal?.(items.indexOf(item));
    document
      .getElementById(idOf(item.key))
      ?.scrollIntoView?.({ block: 'nearest' });
    if (options.selectOnMove !== false) {
      options.onSelect?.(item.key);
    }
  };

  const parentOf = (index: number): number => {
    const level = items[index].level ?? 1;
    for (let above = index - 1; above >= 0; above--) {
      if ((items[above].level ?? 1) < level) {
        return above;
      }
    }
    return index;
  };

  const onBranchKey = (key: string, item: KeyedItem): boolean => {
    if (key === 'ArrowRight' && item.expanded === false) {
      options.onToggle?.(item.key, true);
    } else if (key === 'ArrowRight' && item.expanded) {
      moveTo(at + 1);
    } else if (key === 'ArrowLeft' && item.expanded) {
      options.onToggle?.(item.key, false);
    } else if (key === 'ArrowLeft' && (item.level ?? 1) > 1) {
      moveTo(parentOf(at));
    } else {
      return false;
    }
    return true;
  };

  const onType = (letter: string): boolean => {
    const now = Date.now();
    const text =
      now - typed.current.at < TYPE_AHEAD_MS
        ? typed.current.text + letter
        : letter;
    typed.current = { text, at: now };
    const index = typeAhead(items, at, text);
    if (index !== -1) {
      moveTo(index);
    }
    return index !== -1;
  };

  const handle = (event: KeyboardEvent<HTMLElement>): boolean => {
    const item = at === -1 ? undefined : items[at];
    const page = Math.max(
      1,
      Math.floor(event.currentTarget.clientHeight / 24) - 1
    );
    switch (event.key) {
      case 'ArrowDown':
        moveTo(at + 1);
        return true;
      case 'ArrowUp':
        moveTo(at === -1 ? items.length - 1 : at - 1);
        return true;
      case 'Home':
        moveTo(0);
        return true;
      case 'End':
        moveTo(items.length - 1);
        return true;
      case 'PageDown':
        moveTo(at + page);
        return true;
      case 'PageUp':
        moveTo(at - page);
        return true;
    }
    if (item) {
      switch (event.key) {
        case 'Enter':
          options.onSelect?.(item.key);
          options.onOpen?.(item.key);
          return true;
        case ' ':
          options.onSelect?.(item.key);
          return true;
        case 'F2':
          options.onRename?.(item.key);
          return options.onRename !== undefined;
        case 'Delete':
          options.onDelete?.(item.key);
          return options.onDelete !== undefined;
        case 'ArrowRight':
        case 'ArrowLeft':
          return onBranchKey(event.key, item);
      }
    }
    return event.key.length === 1 && event.key !== ' ' && onType(event.key);
  };

  return {
    listProps: {
      role,
      tabIndex: 0,
      'aria-activedescendant':
        current !== null && at !== -1 ? idOf(current) : undefined,
      onKeyDown: event => {
        // Keys in a field or button inside a line are its own.
        const own = event.target === event.currentTarget;
        if (
          own &&
          !event.ctrlKey &&
          !event.metaKey &&
          !event.altKey &&
          handle(event)
        ) {
          event.preventDefault();
          event.stopPropagation();
        }
      }
    },
    itemProps: item => ({
      id: idOf(item.key),
      role: role === 'tree' ? 'treeitem' : 'option',
      'aria-selected': item.key === selected,
      'aria-level': role === 'tree' ? (item.level ?? 1) : undefined,
      'aria-expanded': item.expanded,
      'data-cursor': item.key === current || undefined,
      onClick: event => {
        setCursor(item.key);
        options.onSelect?.(item.key);
        const inner =
          event.target instanceof Element &&
          event.target.closest('button, a, input') !== null;
        if (!inner) {
          event.currentTarget
            .closest<HTMLElement>(`[role=${role}]`)
            ?.focus({ preventScroll: true });
        }
      },
      onDoubleClick: () => {
        options.onOpen?.(item.key);
      }
    })
  };
}

/** A short list, all of its lines drawn. */
export function KeyedList(
  props: Omit<KeyedListOptions, 'reveal'> & {
    label: string;
    className?: string;
    renderItem: (item: KeyedItem, index: number) => ReactNode;
  }
): JSX.Element {
  const { label, className, renderItem, ...options } = props;
  const { listProps, itemProps } = useKeyedList(options);
  return (
    <div
      {...listProps}
      aria-label={label}
      className={classes('jp-mlflow-KeyedList', className)}
    >
      {options.items.map((item, index) => (
        <div
          key={item.key}
          {...itemProps(item)}
          className="jp-mlflow-KeyedList-item"
        >
          {renderItem(item, index)}
        </div>
      ))}
    </div>
  );
}
