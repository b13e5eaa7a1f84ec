import { Notification } from '@jupyterlab/apputils';
import { useCallback, useEffect } from 'react';
import { Button } from '../../ui/buttons';
import { useTrans } from '../../ui/context';
import { useSignalValue } from '../../ui/signals';
import { CountLine } from '../list-states';
import { type RunListing } from '../listing';
import type { RunOrder, ShownRuns } from '../shown-runs';
import { useColumnsVersion } from '../use-listing';
import { BulkBar } from './bulk';
import { type RunColumn } from './columns';
import { RunGrid } from './grid';
import { useRunSelection } from './selection';
import { nextSort } from './sorting';
import type { TableState } from './state';
import { useShownColumns } from './use-shown';
import type { TableServices } from './view';

/** The grid of a listing, with what can be done with the ticked runs. */
export function LoadedTable(props: {
  serverId: string;
  label: string;
  listing: RunListing;
  /** Those of it that are shown, where some are hidden here. */
  shown: ShownRuns | undefined;
  isStale: boolean;
  state: TableState;
  setState: (next: Partial<TableState>) => void;
  services: TableServices;
  maxTagLength: number | undefined;
  onRefresh: () => void;
}): JSX.Element {
  const { serverId, listing, state, setState, services } = props;
  const { actions, views, target } = services;
  const trans = useTrans();
  const runs: RunOrder = props.shown ?? listing.columns;
  const version = useColumnsVersion(listing);
  const columns = useShownColumns(runs, state.columns, services.settings);
  const selection = useRunSelection(runs);
  const isDeleted = state.stage === 'deleted';
  const unplaced = useSignalValue(
    listing.follower.changed,
    () => listing.follower.unplaced
  );

  const { ids, remove } = selection;
  useEffect(() => {
    // What vanished from the table must not be acted on unseen.
    const gone = [...ids].filter(id => runs.rowOf(id) === -1);
    if (gone.length > 0) {
      remove(gone);
    }
  }, [runs, version, ids, remove]);

  const onSort = (column: RunColumn): void => {
    if (column.orderBy === null) {
      Notification.info(
        column.unsortable ?? trans.__('The server cannot sort by this column.'),
        { autoClose: 5000 }
      );
      return;
    }
    setState({ sort: nextSort(state.sort, column) });
  };
  const onOpen = useCallback(
    (runId: string) => views.open({ kind: 'run', serverId, args: { runId } }),
    [views, serverId]
  );
  const onCursor = useCallback(
    (runId: string) => target.set({ serverId, runId, isDeleted }),
    [target, serverId, isDeleted]
  );
  const onWidths = useCallback(
    (widths: Readonly<Record<string, number>>) => setState({ widths }),
    [setState]
  );

  return (
    <>
      {unplaced.size > 0 && (
        <div className="jp-mlflow-Notice" role="status">
          {trans._n(
            '1 new run since this was sorted.',
            '%1 new runs since this was sorted.',
            unplaced.size,
            unplaced.size
          )}{' '}
          <Button
            look="link"
            onClick={() => {
              listing.follower.expectMoved();
              props.onRefresh();
            }}
          >
            {trans.__('Show')}
          </Button>
        </div>
      )}
      {ids.size > 0 && (
        <BulkBar
          serverId={serverId}
          stage={state.stage}
          selection={selection}
          actions={actions}
          maxTagLength={props.maxTagLength}
        />
      )}
      <RunGrid
        label={props.label}
        listing={listing}
        shown={props.shown}
        columns={columns}
        widths={state.widths}
        sort={state.sort}
        selection={selection}
        isStale={props.isStale}
        onWidths={onWidths}
        onSort={onSort}
        onOpen={onOpen}
        onRename={runId => {
          if (!isDeleted) {
            void actions.rename(serverId, runId);
          }
        }}
        onDelete={runIds => {
          if (!isDeleted) {
            void actions.delete({ serverId, runIds });
          }
        }}
        onCursor={onCursor}
      />
      <CountLine listing={listing} />
    </>
  );
}
