import { Notification } from '@jupyterlab/apputils';
import { filterIcon } from '@jupyterlab/ui-components';
import { useCallback, useMemo, useRef } from 'react';
import { MlflowError } from '../mlflow';
import {
  attributeColumns,
  columnId,
  columnOf,
  FRESH_TABLE,
  idsBetween,
  knownKeys,
  nextSort,
  RunColumns,
  RunGrid,
  searchOf,
  TableBar,
  useCapabilities,
  useRunListing,
  useShownColumns,
  type RunColumn,
  type RunListing,
  type RunQuery,
  type RunSelection,
  type TableState
} from '../runs';
import { IconButton } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import type { ColumnKey, TableContent } from './content';
import { useScope } from './context';
import { Frame } from './frame';
import { useKeeping, useNotices } from './keeping';
import { tableLayers } from './layers';
import { asObject, type WidgetModel } from './model';
import { StillTable } from './still-table';
import { hasEnded, keptColumns, snapshotOf, textsOf } from './table-data';

const KINDS = { metrics: 'metric', params: 'param', tags: 'tag' } as const;

const NOTHING_LOADED = new RunColumns();

/** How a table is looked at: as every table of runs, and whether its filter and columns stand above it. */
interface TableLook extends TableState {
  readonly isOpen: boolean;
}

function useLook(
  content: TableContent,
  model: WidgetModel
): [TableLook, (next: Partial<TableLook>) => void] {
  const kept = useSignalValue(model.changed, () =>
    model.look<TableLook>('table')
  );
  const { experimentIds, filter, order, maxResults } = content;
  const question = JSON.stringify([experimentIds, filter, order, maxResults]);
  const fresh = useMemo<TableLook>(
    () => ({
      ...FRESH_TABLE,
      filter: content.filter,
      columns: content.snapshot?.columns.length
        ? [
            columnId('attribute', 'start_time'),
            columnId('attribute', 'duration'),
            ...content.snapshot.columns.map(({ kind, key }) =>
              columnId(KINDS[kind], key)
            )
          ]
        : null,
      isOpen: false
    }),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- a snapshot that is written later changes no columns
    [question]
  );
  const look = kept ?? fresh;
  const set = useCallback(
    (next: Partial<TableLook>) => {
      const before = model.look<TableLook>('table') ?? fresh;
      model.setLook('table', { ...before, ...next });
      if (next.filter !== undefined && next.filter !== before.filter) {
        model.filter(next.filter);
      }
    },
    [model, fresh]
  );
  return [look, set];
}

/** Ticked runs, kept in the model: so that every view and the kernel agree. */
function useSelection(runs: RunColumns, count: number): RunSelection {
  const { model } = useScope();
  const ids = useSignalValue(model.changed, () => model.selected);
  const last = useRef<string | null>(null);
  return useMemo(
    () => ({
      ids,
      toggle: (runId, range) => {
        const after = new Set(model.selected);
        const isOn = !after.has(runId);
        const changed =
          range && last.current !== null
            ? idsBetween(runs, last.current, runId)
            : [runId];
        changed.forEach(id =>
          isOn || range ? after.add(id) : after.delete(id)
        );
        last.current = runId;
        model.select(after, true);
      },
      setAll: isOn =>
        model.select(
          isOn ? Array.from({ length: count }, (_, row) => runs.idAt(row)) : [],
          true
        ),
      remove: gone =>
        model.select(
          [...model.selected].filter(id => !gone.includes(id)),
          true
        )
    }),
    [ids, model, runs, count]
  );
}

/** The runs that a filter finds, followed. */
export function LiveTable(props: {
  content: TableContent;
  serverId: string;
}): JSX.Element {
  const { content, serverId } = props;
  const { model, services, json } = useScope();
  const trans = useTrans();
  const [look, setLook] = useLook(content, model);
  const { filter, sort, stage } = look;
  const query = useMemo<RunQuery>(() => {
    const column =
      sort && columnOf(sort.columnId, attributeColumns(trans), trans);
    return {
      experimentIds: content.experimentIds,
      filter: searchOf(filter, null, trans).filter ?? filter,
      order:
        sort && column?.orderBy
          ? { by: column.orderBy, descending: sort.descending }
          : content.order,
      viewType: stage === 'deleted' ? 'DELETED_ONLY' : 'ACTIVE_ONLY'
    };
  }, [content.experimentIds, content.order, filter, sort, stage, trans]);
  const used = useRunListing(serverId, query);
  const { listing, error } = used;
  const runs = listing?.columns ?? NOTHING_LOADED;
  const version = useSignalValue(runs.changed, () => runs.version);
  const count = Math.min(runs.length, content.maxResults);
  const selection = useSelection(runs, count);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the version stands for what the columns hold
  const known = useMemo(() => knownKeys(runs), [runs, version]);
  const capabilities = useCapabilities(serverId) ?? null;
  const columns = useShownColumns(runs, look.columns, services.settings);

  const before = content.snapshot;
  const isAsAsked =
    look.filter === content.filter && stage === 'active' && sort === null;
  const statuses = new Map(before?.rows.map(row => [row.id, row.status]));
  useKeeping(
    listing !== null &&
      isAsAsked &&
      !used.isPrevious &&
      (before === null || hasEnded(runs, count, statuses)),
    () =>
      tableLayers(
        asObject(json),
        content,
        snapshotOf(runs, keptColumns(content, runs), content.maxResults),
        Date.now()
      )
  );
  const refused =
    error instanceof MlflowError && error.kind === 'invalid-filter'
      ? error.message
      : null;
  const notices = useNotices({
    isLive: listing !== null,
    error: refused === null || !look.isOpen ? error : null
  });
  if (listing === null && !look.isOpen) {
    return <StillTable content={content} why={notices} />;
  }
  const shown = columns
    .filter(({ kind }) => kind !== 'attribute')
    .map(({ kind, key }): ColumnKey => ({
      kind:
        kind === 'metric' ? 'metrics' : kind === 'param' ? 'params' : 'tags',
      key
    }));
  return (
    <Frame
      state={listing === null ? 'error' : 'live'}
      notices={notices}
      table={() => textsOf(snapshotOf(runs, shown, content.maxResults))}
      query={{
        filter: query.filter,
        orderBy:
          query.order &&
          `${query.order.by} ${query.order.descending ? 'DESC' : 'ASC'}`
      }}
      title={trans._n('%1 run', '%1 runs', count, count)}
      actions={
        <IconButton
          icon={filterIcon}
          label={trans.__('Filter and Columns')}
          pressed={look.isOpen}
          onClick={() => setLook({ isOpen: !look.isOpen })}
        />
      }
    >
      {look.isOpen && (
        <TableBar
          name={trans.__('runs')}
          runs={runs}
          known={known}
          capabilities={capabilities}
          refused={refused}
          state={look}
          setState={setLook}
          settings={services.settings}
          onRefresh={used.refresh}
        />
      )}
      {listing !== null && count > 0 && (
        <Grid
          listing={listing}
          limit={content.maxResults}
          columns={columns}
          look={look}
          setLook={setLook}
          selection={selection}
          isStale={used.isPrevious}
        />
      )}
      {listing !== null && count === 0 && (
        <p className="jp-mlflow-Widget-none">
          {look.filter === ''
            ? trans.__('There are no runs.')
            : trans.__('No runs match.')}
        </p>
      )}
    </Frame>
  );
}

function Grid(props: {
  listing: RunListing;
  limit: number;
  columns: ReadonlyArray<RunColumn>;
  look: TableLook;
  setLook: (next: Partial<TableLook>) => void;
  selection: RunSelection;
  isStale: boolean;
}): JSX.Element {
  const { look, setLook } = props;
  const { services, serverId } = useScope();
  const trans = useTrans();
  const { views } = services;
  const onOpen = useCallback(
    (runId: string) => {
      if (serverId !== null) {
        views.open({ kind: 'run', serverId, args: { runId } });
      }
    },
    [views, serverId]
  );
  const onWidths = useCallback(
    (widths: Readonly<Record<string, number>>) => setLook({ widths }),
    [setLook]
  );
  return (
    <div className="jp-mlflow-Widget-grid">
      <RunGrid
        label={trans.__('Runs')}
        listing={props.listing}
        limit={props.limit}
        columns={props.columns}
        widths={look.widths}
        sort={look.sort}
        selection={props.selection}
        isStale={props.isStale}
        onWidths={onWidths}
        onSort={column => {
          if (column.orderBy === null) {
            Notification.info(
              column.unsortable ??
                trans.__('The server cannot sort by this column.'),
              { autoClose: 5000 }
            );
          } else {
            setLook({ sort: nextSort(look.sort, column) });
          }
        }}
        onOpen={onOpen}
        onRename={nothing}
        onDelete={nothing}
        onCursor={nothing}
      />
    </div>
  );
}

/** In an output runs are looked at and chosen: they are renamed and deleted where a person manages them. */
function nothing(): void {}
