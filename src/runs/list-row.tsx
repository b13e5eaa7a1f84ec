import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import { memo } from 'react';
import { classes } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { formatMetric, oneLine } from '../ui/format';
import { StatusIcon } from '../ui/status';
import { Duration, Time } from '../ui/time';
import { onDragRun } from './drag';
import { type RunColumns } from './store';
import { Branch } from './tree';

/** Height of a line in pixels, as style/runs.css draws it. */
export const LINE_HEIGHT = 40;

export interface RunLineProps {
  readonly columns: RunColumns;
  readonly slot: number;
  /** Changes with the values in the slot. */
  readonly stamp: number;
  readonly domId: string;
  readonly top: number;
  readonly depth: number;
  readonly branch: Branch;
  readonly isCursor: boolean;
  /** A nested run whose parent is not in the list. */
  readonly isOrphan: boolean;
  readonly metrics: ReadonlyArray<string>;
  /** Place among all lines, for a list without branches; null in a tree. */
  readonly place: { readonly at: number; readonly of: number } | null;
  readonly onOpen: (runId: string) => void;
  readonly onToggle: (runId: string) => void;
  readonly onCursor: (runId: string) => void;
}

/** One run: name and age, and below them its duration and the metrics that were picked. */
export const RunLine = memo(
  function RunLine(props: RunLineProps): JSX.Element {
    const { columns, slot, branch, depth, isCursor } = props;
    const { rows } = columns;
    const trans = useTrans();
    const id = rows.id(slot);
    const name = rows.name(slot) || id;
    const Twisty = branch === Branch.open ? caretDownIcon : caretRightIcon;
    return (
      <div
        id={props.domId}
        role="treeitem"
        aria-level={depth + 1}
        aria-selected={isCursor}
        aria-expanded={
          branch === Branch.leaf ? undefined : branch === Branch.open
        }
        aria-posinset={props.place?.at}
        aria-setsize={props.place?.of}
        data-mlflow-run-id={id}
        data-cursor={isCursor || undefined}
        className={classes(
          'jp-mlflow-RunItem jp-mlflow-Runs-line',
          rows.isDeleted(slot) && 'jp-mod-deleted'
        )}
        style={{
          transform: `translateY(${props.top}px)`,
          paddingLeft: 4 + depth * 14
        }}
        onClick={() => {
          props.onCursor(id);
          props.onOpen(id);
        }}
        onContextMenu={() => props.onCursor(id)}
        draggable
        onDragStart={onDragRun}
      >
        <span
          className="jp-mlflow-Runs-twisty"
          aria-hidden="true"
          onClick={event => {
            if (branch !== Branch.leaf) {
              event.stopPropagation();
              props.onToggle(id);
            }
          }}
        >
          {branch !== Branch.leaf && (
            <Twisty.react
              tag="span"
              elementSize="normal"
              elementPosition="center"
            />
          )}
        </span>
        <StatusIcon status={rows.status(slot)} />
        <span className="jp-mlflow-Runs-text">
          <span className="jp-mlflow-Runs-first">
            <span className="jp-mlflow-Runs-name" title={name}>
              {props.isOrphan && (
                <span
                  className="jp-mlflow-Runs-orphan"
                  role="img"
                  aria-label={trans.__('Nested run')}
                  title={trans.__(
                    'A nested run whose parent is not in this list'
                  )}
                >
                  ↳
                </span>
              )}
              {oneLine(name)}
            </span>
            <span className="jp-mlflow-Runs-age">
              <Time time={rows.startTime(slot)} />
            </span>
          </span>
          <span className="jp-mlflow-Runs-second">
            <span className="jp-mlflow-Runs-duration">
              <Duration
                start={rows.startTime(slot)}
                end={rows.endTime(slot)}
                running={rows.isOpen(slot)}
              />
            </span>
            {props.metrics.map(key => {
              const value = rows.metrics.get(key)?.get(slot);
              return value === undefined ? null : (
                <span
                  key={key}
                  className="jp-mlflow-Runs-metric"
                  title={`${key}: ${value}`}
                >
                  <span className="jp-mlflow-Runs-key">{key}</span>{' '}
                  {formatMetric(value)}
                </span>
              );
            })}
          </span>
        </span>
      </div>
    );
  },
  (before, after) =>
    before.slot === after.slot &&
    before.stamp === after.stamp &&
    before.columns === after.columns &&
    before.top === after.top &&
    before.depth === after.depth &&
    before.branch === after.branch &&
    before.isCursor === after.isCursor &&
    before.isOrphan === after.isOrphan &&
    before.metrics === after.metrics &&
    before.onOpen === after.onOpen &&
    before.place?.of === after.place?.of &&
    before.place?.at === after.place?.at
);
