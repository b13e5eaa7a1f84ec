import type { KeyboardEvent } from 'react';
import { Branch, type RunTree } from './tree';

/** What the keyboard can do on the tree of runs. */
export interface TreeKeys {
  readonly tree: RunTree;
  /** The line under the cursor, -1 for none. */
  readonly at: number;
  /** Lines in sight. */
  readonly page: number;
  readonly onMove: (line: number) => void;
  readonly onToggle: (line: number) => void;
  readonly onOpen: (line: number) => void;
  readonly onRename: (line: number) => void;
  readonly onDelete: (line: number) => void;
  readonly onMenu: (line: number) => void;
  /** A letter, to search for; absent where nothing can be searched. */
  readonly onType?: (letter: string) => void;
}

function parentOf(tree: RunTree, line: number): number {
  for (let above = line - 1; above >= 0; above--) {
    if (tree.depthAt(above) < tree.depthAt(line)) {
      return above;
    }
  }
  return line;
}

/** The line that a key moves to, or null for a key that does not move. */
export function moveOf(
  key: string,
  keys: Pick<TreeKeys, 'tree' | 'at' | 'page'>
): number | null {
  const { tree, at, page } = keys;
  const last = tree.length - 1;
  switch (key) {
    case 'ArrowDown':
      return Math.min(at + 1, last);
    case 'ArrowUp':
      return at === -1 ? last : Math.max(at - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return last;
    case 'PageDown':
      return Math.min(at + page, last);
    case 'PageUp':
      return Math.max(at - page, 0);
    case 'ArrowRight':
      return at !== -1 && tree.branchAt(at) === Branch.open
        ? Math.min(at + 1, last)
        : null;
    case 'ArrowLeft':
      return at !== -1 &&
        tree.branchAt(at) !== Branch.open &&
        tree.depthAt(at) > 0
        ? parentOf(tree, at)
        : null;
    default:
      return null;
  }
}

function act(event: KeyboardEvent, keys: TreeKeys): boolean {
  const { tree, at } = keys;
  const { key } = event;
  if (at !== -1) {
    const branch = tree.branchAt(at);
    if (
      (key === 'ArrowRight' && branch === Branch.closed) ||
      (key === 'ArrowLeft' && branch === Branch.open)
    ) {
      keys.onToggle(at);
      return true;
    }
    if (key === 'ContextMenu' || (key === 'F10' && event.shiftKey)) {
      keys.onMenu(at);
      return true;
    }
    const actions: Readonly<
      Record<string, ((line: number) => void) | undefined>
    > = {
      Enter: keys.onOpen,
      ' ': keys.onOpen,
      F2: keys.onRename,
      Delete: keys.onDelete
    };
    const action = Object.hasOwn(actions, key) ? actions[key] : undefined;
    if (action !== undefined) {
      action(at);
      return true;
    }
  }
  const line = tree.length === 0 ? null : moveOf(key, keys);
  if (line !== null) {
    keys.onMove(line);
    return true;
  }
  if (keys.onType && key.length === 1 && key !== ' ') {
    keys.onType(key);
    return true;
  }
  return false;
}

/** Handles a key on the tree; keys of fields and buttons inside it are their own. */
export function onTreeKey(
  event: KeyboardEvent<HTMLElement>,
  keys: TreeKeys
): void {
  const own = event.target === event.currentTarget;
  if (
    own &&
    !event.ctrlKey &&
    !event.metaKey &&
    !event.altKey &&
    act(event, keys)
  ) {
    event.preventDefault();
    event.stopPropagation();
  }
}
