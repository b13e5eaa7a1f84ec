import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useId, useRef } from 'react';
import { useScrollAnchor } from './anchor';
import { onTreeKey } from './list-keys';
import { LINE_HEIGHT, RunLine } from './list-row';
import { type RunListing } from './listing';
import { Branch, type RunTree } from './tree';
import { useLook } from './use-listing';

/** So many lines are kept ready below those in sight. */
const LINES_AHEAD = 50;

export interface RunTreeProps {
  readonly listing: RunListing;
  readonly tree: RunTree;
  /** Changes with the lines. */
  readonly version: unknown;
  /** For screen readers. */
  readonly label: string;
  readonly cursor: string | null;
  readonly metrics: ReadonlyArray<string>;
  /** The listing is that of another question, still shown until its answer comes. */
  readonly isStale: boolean;
  readonly onCursor: (runId: string) => void;
  readonly onOpen: (runId: string) => void;
  readonly onToggle: (runId: string) => void;
  readonly onRename: (runId: string) => void;
  readonly onDelete: (runId: string) => void;
  readonly onType?: (letter: string) => void;
}

/** The runs as a tree; only lines in sight are drawn, and more are read as the end comes near. */
export function RunTreeView(props: RunTreeProps): JSX.Element {
  const { listing, tree, cursor, onCursor, onOpen, onToggle } = props;
  const { columns } = listing;
  const prefix = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const idAt = useCallback(
    (line: number): string => columns.rows.id(tree.slotAt(line)),
    [columns, tree]
  );
  const lineOf = useCallback(
    (runId: string | null): number => {
      const slot = runId === null ? undefined : columns.slotOf(runId);
      if (slot === undefined || runId === null) {
        return -1;
      }
      // In a list without branches a line is a row.
      const row = columns.rowOf(runId);
      if (row !== -1 && row < tree.length && tree.slotAt(row) === slot) {
        return row;
      }
      for (let line = 0; line < tree.length; line++) {
        if (tree.slotAt(line) === slot) {
          return line;
        }
      }
      return -1;
    },
    [columns, tree]
  );

  const virtualizer = useVirtualizer({
    count: tree.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 6
  });
  useScrollAnchor({
    scroller,
    version: props.version,
    count: tree.length,
    lineHeight: LINE_HEIGHT,
    keyAt: idAt,
    indexOf: lineOf
  });

  const lines = virtualizer
    .getVirtualItems()
    .filter(item => item.index < tree.length);
  const lastLine = lines.at(-1)?.index ?? -1;
  useLook(
    listing,
    lines.map(item => idAt(item.index)),
    // Closed branches swallow rows: near the end of the lines more rows are wanted, however many there are.
    lastLine + LINES_AHEAD > tree.length ? columns.length : lastLine
  );

  const at = lineOf(cursor);
  const isFlat = tree.length === columns.length;
  return (
    <div
      ref={scroller}
      role="tree"
      tabIndex={0}
      aria-label={props.label}
      aria-busy={props.isStale}
      aria-activedescendant={
        lines.some(item => item.index === at) ? `${prefix}${cursor}` : undefined
      }
      className={
        props.isStale
          ? 'jp-mlflow-Runs-list jp-mod-stale'
          : 'jp-mlflow-Runs-list'
      }
      onKeyDown={event =>
        onTreeKey(event, {
          tree,
          at,
          page: Math.max(
            1,
            Math.floor(event.currentTarget.clientHeight / LINE_HEIGHT) - 1
          ),
          onMove: line => {
            virtualizer.scrollToIndex(line);
            onCursor(idAt(line));
          },
          onToggle: line => onToggle(idAt(line)),
          onOpen: line => onOpen(idAt(line)),
          onRename: line => props.onRename(idAt(line)),
          onDelete: line => props.onDelete(idAt(line)),
          onMenu: line =>
            openMenu(document.getElementById(`${prefix}${idAt(line)}`)),
          onType: props.onType
        })
      }
    >
      <div
        role="presentation"
        className="jp-mlflow-Runs-lines"
        style={{ height: virtualizer.getTotalSize() }}
      >
        {lines.map(item => {
          const slot = tree.slotAt(item.index);
          const id = columns.rows.id(slot);
          const depth = tree.depthAt(item.index);
          return (
            <RunLine
              key={id}
              columns={columns}
              slot={slot}
              stamp={columns.rows.stamp(slot)}
              domId={`${prefix}${id}`}
              top={item.start}
              depth={depth}
              branch={tree.branchAt(item.index)}
              isCursor={item.index === at}
              isOrphan={depth === 0 && columns.rows.parentId(slot) !== null}
              metrics={props.metrics}
              place={
                isFlat && tree.branchAt(item.index) === Branch.leaf
                  ? { at: item.index + 1, of: tree.length }
                  : null
              }
              onOpen={onOpen}
              onToggle={onToggle}
              onCursor={onCursor}
            />
          );
        })}
      </div>
    </div>
  );
}

/** Opens the context menu of a line as a click with the right button would. */
function openMenu(line: HTMLElement | null): void {
  if (line !== null) {
    const { left, bottom } = line.getBoundingClientRect();
    line.dispatchEvent(
      new MouseEvent('contextmenu', {
        bubbles: true,
        cancelable: true,
        clientX: left + 24,
        clientY: bottom - 4
      })
    );
  }
}
