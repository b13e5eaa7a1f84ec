import { type RunColumns } from './store';
import { PARENT_TAG } from './store-rows';

/** What a line of the tree is besides its run. */
export const enum Branch {
  /** No child is known. */
  leaf = 0,
  closed = 1,
  open = 2
}

/** The lines of a list of runs: nested ones under their parents, those of closed branches left out. */
export interface RunTree {
  readonly length: number;
  slotAt(line: number): number;
  /** 0 at the top level. */
  depthAt(line: number): number;
  branchAt(line: number): Branch;
}

class FlatTree implements RunTree {
  constructor(private readonly _columns: RunColumns) {}

  get length(): number {
    return this._columns.length;
  }

  slotAt(line: number): number {
    return this._columns.slotAt(line);
  }

  depthAt(): number {
    return 0;
  }

  branchAt(): Branch {
    return Branch.leaf;
  }
}

class NestedTree implements RunTree {
  readonly slots: number[] = [];
  readonly depths: number[] = [];
  readonly branches: Branch[] = [];

  get length(): number {
    return this.slots.length;
  }

  slotAt(line: number): number {
    return this.slots[line];
  }

  depthAt(line: number): number {
    return this.depths[line];
  }

  branchAt(line: number): Branch {
    return this.branches[line];
  }
}

/** Deeper nests than this are drawn as if they ended here; it also ends a circle of parents. */
const DEEPEST = 20;

/**
 * The lines of a listing. A family stands where its first member stands in the order of the server: a child is newer than its
 * parent and comes first, and when the parent is read later, nothing jumps.
 *
 * @param isOpen - whether the branch of a run is open.
 * @param isHidden - runs that get no line, by their slot; null for none.
 */
export function buildTree(
  columns: RunColumns,
  isOpen: (runId: string) => boolean,
  isHidden: ((slot: number) => boolean) | null = null
): RunTree {
  const tag = columns.rows.tags.get(PARENT_TAG);
  if ((tag === undefined || tag.count === 0) && isHidden === null) {
    return new FlatTree(columns);
  }
  const { rows } = columns;
  const parentOf = (slot: number): number | undefined => {
    const id = tag?.get(slot);
    const parent = id === undefined ? undefined : columns.slotOf(id);
    return parent === undefined || parent === slot || isHidden?.(parent)
      ? undefined
      : parent;
  };
  const children = new Map<number, number[]>();
  const note = (slot: number): void => {
    if (isHidden?.(slot)) {
      return;
    }
    const parent = parentOf(slot);
    if (parent !== undefined) {
      const siblings = children.get(parent);
      if (siblings === undefined) {
        children.set(parent, [slot]);
      } else {
        siblings.push(slot);
      }
    }
  };
  for (let row = 0; row < columns.length; row++) {
    note(columns.slotAt(row));
  }
  columns.aside.forEach(note);

  const tree = new NestedTree();
  const placed = new Uint8Array(rows.capacity);
  const place = (slot: number, depth: number): void => {
    if (placed[slot] === 1) {
      return;
    }
    placed[slot] = 1;
    const own = children.get(slot);
    const open = own !== undefined && isOpen(rows.id(slot));
    tree.slots.push(slot);
    tree.depths.push(depth);
    tree.branches.push(
      own === undefined ? Branch.leaf : open ? Branch.open : Branch.closed
    );
    for (const child of own ?? []) {
      if (open && depth < DEEPEST) {
        place(child, depth + 1);
      } else {
        hide(child);
      }
    }
  };
  const hide = (slot: number): void => {
    if (placed[slot] === 0) {
      placed[slot] = 1;
      children.get(slot)?.forEach(hide);
    }
  };
  for (let row = 0; row < columns.length; row++) {
    let top = columns.slotAt(row);
    if (isHidden?.(top)) {
      continue;
    }
    for (let level = 0; level < DEEPEST; level++) {
      const parent = parentOf(top);
      if (parent === undefined) {
        break;
      }
      top = parent;
    }
    place(top, 0);
  }
  return tree;
}
