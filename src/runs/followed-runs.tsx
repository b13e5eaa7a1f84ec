import { Notification } from '@jupyterlab/apputils';
import { useCallback, useEffect, useMemo } from 'react';
import { useTrans, useVisible } from '../ui/context';
import { describeError } from '../ui/errors';
import { EmptyState } from '../ui/states';
import type { IViews } from '../ui/views';
import type { RunActions } from './actions';
import { RunTreeView } from './list';
import { type RunListing } from './listing';
import { recordedIn } from './recorded';
import { useShownMetrics } from './metric-picker';
import type { RunTarget } from './target';
import { buildTree } from './tree';
import type { TreeState } from './tree-state';
import { useColumnsVersion, useLoadState } from './use-listing';

/** What can be done with the runs of a list. */
export interface TreeServices {
  readonly actions: RunActions;
  readonly views: IViews;
  readonly target: RunTarget;
}

/** The loaded runs of a listing as a tree: nested ones below their parents, followed while they are in sight. */
export function FollowedRuns(props: {
  services: TreeServices;
  serverId: string;
  listing: RunListing;
  /** For screen readers. */
  label: string;
  /** The listing is that of another question, still shown until its answer comes. */
  isStale: boolean;
  /** The runs are deleted ones. */
  isDeleted: boolean;
  /** Also parents that the listing itself would not bring. */
  withParents: boolean;
  state: TreeState;
  /** The newest state, for what happens after an answer. */
  read: () => TreeState;
  onState: (next: Partial<TreeState>) => void;
  onType?: (letter: string) => void;
}): JSX.Element {
  const { serverId, listing, state, read, onState, isDeleted, withParents } =
    props;
  const { actions, views, target } = props.services;
  const trans = useTrans();
  const visible = useVisible();
  const version = useColumnsVersion(listing);
  const metrics = useShownMetrics(state.metrics, listing);
  const { isComplete } = useLoadState(listing);
  const { open, cursor, hidesRecorded } = state;
  const tree = useMemo(
    () =>
      buildTree(
        listing.columns,
        id => open.has(id),
        hidesRecorded ? recordedIn(listing.columns) : null
      ),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the version stands for what the columns hold
    [listing, open, hidesRecorded, version]
  );
  useEffect(() => {
    if (!visible || !withParents) {
      return;
    }
    const aborter = new AbortController();
    // Without their parents, nested runs stand at the top level: nothing to tell, and the next poll tries again.
    listing.family.loadParents(aborter.signal).catch(() => undefined);
    return () => aborter.abort();
  }, [listing, version, visible, withParents]);
  const onToggle = useCallback(
    (runId: string) => {
      const now = new Set(read().open);
      if (!now.delete(runId)) {
        now.add(runId);
        listing.family
          .loadChildren(runId, new AbortController().signal)
          .catch((reason: unknown) => {
            Notification.error(
              trans.__(
                'The nested runs could not be read: %1',
                describeError(reason, trans).message
              ),
              {
                autoClose: 8000
              }
            );
          });
      }
      onState({ open: now });
    },
    [listing, read, onState, trans]
  );
  const onOpen = useCallback(
    (runId: string) => views.open({ kind: 'run', serverId, args: { runId } }),
    [views, serverId]
  );
  const onCursor = useCallback(
    (runId: string) => onState({ cursor: runId }),
    [onState]
  );
  useEffect(() => {
    if (cursor !== null) {
      target.set({ serverId, runId: cursor, isDeleted });
    }
  }, [target, serverId, cursor, isDeleted]);
  if (tree.length === 0 && hidesRecorded && isComplete) {
    return <EmptyState title={trans.__('No runs beside recorded cells')} />;
  }
  return (
    <RunTreeView
      listing={listing}
      tree={tree}
      version={tree}
      label={props.label}
      cursor={cursor}
      metrics={metrics}
      isStale={props.isStale}
      onCursor={onCursor}
      onOpen={onOpen}
      onToggle={onToggle}
      onRename={runId => void actions.rename(serverId, runId)}
      onDelete={runId => {
        if (!isDeleted) {
          void actions.delete({ serverId, runIds: [runId] });
        }
      }}
      onType={props.onType}
    />
  );
}
