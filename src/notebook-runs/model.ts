import { type ISignal, Signal } from '@lumino/signaling';
import {
  MOST_METRICS,
  type RunMemory,
  savedField,
  savedTexts,
  type TreeState
} from '../runs';
import type { NotebookKey } from './filter';

/** The runs of a notebook on a server. */
export interface RunsOf {
  readonly serverId: string;
  readonly notebook: NotebookKey;
}

/** What the section shows of one notebook; replaced as a whole, never changed. */
export interface NotebookRunsView extends TreeState {
  /** Whether the picker of metrics is shown. */
  readonly isPicking: boolean;
}

const FRESH: NotebookRunsView = {
  metrics: null,
  open: new Set(),
  cursor: null,
  // The history shows them; here they would stand before the runs that the cells started.
  hidesRecorded: true,
  isPicking: false
};

/** Where the state of a notebook is remembered, beside the lists of experiments. */
const ROOM = 'notebook-runs';
/** Experiments of one notebook that are remembered. */
const MOST_EXPERIMENTS = 100;

/** The state of the section, for each notebook; a moved panel unmounts what it shows. */
export class NotebookRunsModel {
  constructor(private readonly _memory: RunMemory) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  view(of: RunsOf): NotebookRunsView {
    return this._views.get(keyOf(of)) ?? FRESH;
  }

  set(of: RunsOf, next: Partial<NotebookRunsView>): void {
    this._views.set(keyOf(of), { ...this.view(of), ...next });
    if (next.metrics !== undefined) {
      this._save(of);
    }
    this._changed.emit();
  }

  /** Experiments that held runs of the notebook in earlier sessions: where its runs are looked for first. */
  async restore(of: RunsOf): Promise<ReadonlyArray<string>> {
    const { serverId, notebook } = of;
    const saved = await this._memory.fetch(ROOM, serverId, notebook.value);
    const metrics = savedTexts(savedField(saved, 'metrics'));
    // What was picked meanwhile wins.
    if (metrics !== null && this.view(of).metrics === null) {
      this._views.set(keyOf(of), {
        ...this.view(of),
        metrics: metrics.slice(0, MOST_METRICS)
      });
      this._changed.emit();
    }
    const experiments = savedTexts(savedField(saved, 'experiments')) ?? [];
    this._experiments.set(keyOf(of), experiments);
    return experiments;
  }

  /** Notes the experiments that hold runs of the notebook. */
  found(of: RunsOf, experimentIds: Iterable<string>): void {
    this._experiments.set(keyOf(of), [...experimentIds]);
    this._save(of);
  }

  private _save(of: RunsOf): void {
    const { metrics } = this.view(of);
    const experiments = this._experiments.get(keyOf(of)) ?? [];
    this._memory.save(ROOM, of.serverId, of.notebook.value, {
      metrics: metrics === null ? null : [...metrics],
      experiments: experiments.slice(-MOST_EXPERIMENTS)
    });
  }

  private readonly _views = new Map<string, NotebookRunsView>();
  private readonly _experiments = new Map<string, ReadonlyArray<string>>();
  private readonly _changed = new Signal<this, void>(this);
}

function keyOf(of: RunsOf): string {
  return JSON.stringify([of.serverId, of.notebook.value]);
}
