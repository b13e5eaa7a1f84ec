import { type ISignal, Signal } from '@lumino/signaling';
import type { LifecycleStage } from '../mlflow';
import { type RunMemory, savedField, savedTexts } from './memory';
import type { TreeState } from './tree-state';

/** How many metrics a line of the panel has room for. */
export const MOST_METRICS = 2;

/** What the section shows of one experiment; replaced as a whole, never changed. */
export interface RunListView extends TreeState {
  readonly search: string;
  readonly stage: LifecycleStage;
  /** Whether the picker of metrics is shown. */
  readonly isPicking: boolean;
}

const FRESH: RunListView = {
  search: '',
  stage: 'active',
  metrics: null,
  open: new Set(),
  cursor: null,
  hidesRecorded: false,
  isPicking: false
};

/** An experiment of a server. */
export interface ListOf {
  readonly serverId: string;
  readonly experimentId: string;
}

/** The state of the section of runs, for each experiment; a moved panel unmounts what it shows. */
export class RunListModel {
  constructor(private readonly _memory: RunMemory) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  view(of: ListOf): RunListView {
    const view = this._views.get(keyOf(of));
    if (view === undefined) {
      this._views.set(keyOf(of), FRESH);
      void this._restore(of);
    }
    return view ?? FRESH;
  }

  set(of: ListOf, next: Partial<RunListView>): void {
    const view = { ...this.view(of), ...next };
    this._views.set(keyOf(of), view);
    const hasChosen = next.metrics !== undefined && view.metrics !== null;
    if (hasChosen || next.hidesRecorded !== undefined) {
      this._memory.save('run-list', of.serverId, of.experimentId, {
        metrics: view.metrics === null ? null : [...view.metrics],
        hidesRecorded: view.hidesRecorded
      });
    }
    this._changed.emit();
  }

  private async _restore(of: ListOf): Promise<void> {
    const saved = await this._memory.fetch(
      'run-list',
      of.serverId,
      of.experimentId
    );
    const metrics = savedTexts(savedField(saved, 'metrics'));
    const hidesRecorded = savedField(saved, 'hidesRecorded') === true;
    const view = this.view(of);
    // What was picked meanwhile wins.
    if ((metrics !== null && view.metrics === null) || hidesRecorded) {
      this._views.set(keyOf(of), {
        ...view,
        metrics: view.metrics ?? metrics?.slice(0, MOST_METRICS) ?? null,
        hidesRecorded: view.hidesRecorded || hidesRecorded
      });
      this._changed.emit();
    }
  }

  private readonly _views = new Map<string, RunListView>();
  private readonly _changed = new Signal<this, void>(this);
}

function keyOf(of: ListOf): string {
  return JSON.stringify([of.serverId, of.experimentId]);
}
