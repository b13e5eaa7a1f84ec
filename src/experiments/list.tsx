import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import type { Experiment } from '../mlflow';
import { useTrans } from '../ui/context';
import { oneLine } from '../ui/format';
import { useKeyedList } from '../ui/keyed-list';
import { Time } from '../ui/time';
import { timeOf, type SortField } from './arrangement';

/** Height of a row in pixels, as style/experiments.css draws it. */
export const ROW_HEIGHT = 24;
/** The next page is asked for when so many rows are left below. */
const AHEAD = 50;

interface ExperimentRowsProps {
  readonly experiments: ReadonlyArray<Experiment>;
  readonly selected: string | null;
  readonly sortedBy: SortField;
  readonly onSelect: (id: string) => void;
  readonly onOpen: (id: string) => void;
  readonly onRename?: (id: string) => void;
  readonly onDelete?: (id: string) => void;
  /** A letter typed on the list: to search for. */
  readonly onType: (letter: string) => void;
  readonly onNearEnd: () => void;
  readonly isBusy: boolean;
}

function isLetter(event: KeyboardEvent): boolean {
  return (
    event.key.length === 1 &&
    event.key !== ' ' &&
    !event.ctrlKey &&
    !event.metaKey &&
    !event.altKey
  );
}

/** The rows of the list; only those in sight are drawn, however many there are. */
export function ExperimentRows(props: ExperimentRowsProps): JSX.Element {
  const { experiments, selected, sortedBy, onNearEnd } = props;
  const trans = useTrans();
  const scroller = useRef<HTMLDivElement>(null);

  const virtualizer = useVirtualizer({
    count: experiments.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: index => experiments[index].id,
    overscan: 8
  });
  const { listProps, itemProps } = useKeyedList({
    role: 'listbox',
    items: experiments.map(({ id, name }) => ({ key: id, text: name })),
    selected,
    selectOnMove: false,
    onSelect: props.onSelect,
    onOpen: props.onOpen,
    onRename: props.onRename,
    onDelete: props.onDelete,
    reveal: index => virtualizer.scrollToIndex(index)
  });

  const rows = virtualizer.getVirtualItems();
  const last = rows.at(-1)?.index ?? -1;
  const nearEnd = last >= 0 && last >= experiments.length - AHEAD;
  const { isBusy } = props;
  useEffect(() => {
    // Asked again after each page: what it brought may have been filtered away.
    if (nearEnd && !isBusy) {
      onNearEnd();
    }
  }, [nearEnd, isBusy, experiments.length, onNearEnd]);

  return (
    <div
      ref={scroller}
      {...listProps}
      className="jp-mlflow-Experiments-list"
      aria-label={trans.__('Experiments')}
      aria-busy={isBusy}
      onKeyDown={event => {
        if (isLetter(event)) {
          event.preventDefault();
          event.stopPropagation();
          props.onType(event.key);
        } else {
          listProps.onKeyDown(event);
        }
      }}
    >
      <div
        role="presentation"
        className="jp-mlflow-Experiments-rows"
        style={{ height: virtualizer.getTotalSize() }}
      >
        {rows.map(row => {
          const experiment = experiments[row.index];
          const { id, name } = experiment;
          return (
            <div
              key={row.key}
              {...itemProps({ key: id, text: name })}
              aria-setsize={experiments.length}
              aria-posinset={row.index + 1}
              data-mlflow-experiment-id={id}
              className="jp-mlflow-Experiments-row"
              title={name}
              style={{ transform: `translateY(${row.start}px)` }}
              onContextMenu={() => props.onSelect(id)}
            >
              <span className="jp-mlflow-Experiments-name">
                {oneLine(name)}
              </span>
              <span className="jp-mlflow-Experiments-time">
                <Time time={timeOf(experiment, sortedBy)} />
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
