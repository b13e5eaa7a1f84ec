import { moveOf } from './list-keys';
import { Branch, type RunTree } from './tree';

/** Depths of lines, and which of them are open or closed branches. */
function treeOf(
  lines: ReadonlyArray<[depth: number, branch: Branch]>
): RunTree {
  return {
    length: lines.length,
    slotAt: line => line,
    depthAt: line => lines[line][0],
    branchAt: line => lines[line][1]
  };
}

const tree = treeOf([
  [0, Branch.open],
  [1, Branch.leaf],
  [1, Branch.closed],
  [0, Branch.leaf]
]);

describe('moveOf', () => {
  it.each([
    ['ArrowDown', -1, 0],
    ['ArrowDown', 3, 3],
    ['ArrowUp', 0, 0],
    ['ArrowUp', -1, 3],
    ['Home', 2, 0],
    ['End', 0, 3],
    ['PageDown', 0, 2],
    ['PageUp', 3, 1],
    ['ArrowRight', 0, 1],
    ['ArrowRight', 1, null],
    ['ArrowRight', 2, null],
    ['ArrowLeft', 2, 0],
    ['ArrowLeft', 0, null],
    ['ArrowLeft', 3, null],
    ['x', 0, null]
  ])('should lead by %s from %d to %s', (key, at, to) => {
    expect(moveOf(key, { tree, at, page: 2 })).toBe(to);
  });
});
