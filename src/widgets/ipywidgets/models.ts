import { type ISignal, Signal } from '@lumino/signaling';

/** What of a model of `@jupyter-widgets/base` is used here, which cannot be imported where there are no ipywidgets. */
export interface TraitModel {
  readonly model_id: string;
  /** Whether a kernel listens. */
  readonly comm_live: boolean;
  get(trait: string): unknown;
  set(trait: string, value: unknown): unknown;
  /** Sends what was set; throws where there never was a kernel. */
  save_changes(): void;
  on(events: string, listener: () => void, context: object): unknown;
  off(events: null, listener: null, context: object): unknown;
}

/** The models of our ipywidgets that live in this page, whichever notebook they belong to. */
export class LiveModels {
  /** A model has come. */
  get added(): ISignal<this, TraitModel> {
    return this._added;
  }

  find(id: string): TraitModel | null {
    return this._models.get(id) ?? null;
  }

  /** Knows the model until it is closed. */
  add(model: TraitModel): void {
    this._models.set(model.model_id, model);
    model.on(
      'destroy',
      () => {
        if (this._models.get(model.model_id) === model) {
          this._models.delete(model.model_id);
        }
      },
      this
    );
    this._added.emit(model);
  }

  private readonly _models = new Map<string, TraitModel>();
  private readonly _added = new Signal<this, TraitModel>(this);
}
