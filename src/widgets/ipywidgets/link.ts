import type { IMlflowWidget, LinkWidget, WidgetLink } from '../tokens';
import type { LiveModels, TraitModel } from './models';

/** The ids that a trait names; whatever else it holds is none. */
export function idsOf(value: unknown): string[] {
  return Array.isArray(value)
    ? value.filter((each): each is string => typeof each === 'string')
    : [];
}

function filterOf(bundle: unknown): unknown {
  return typeof bundle === 'object' && bundle !== null && 'filter' in bundle
    ? bundle.filter
    : undefined;
}

/** Ties what is drawn to a model: traits go one way, what the person does the other. */
export class ModelLink implements WidgetLink {
  /** @param _model - null until there is one. */
  constructor(
    private _model: TraitModel | null,
    private readonly _widget: Pick<
      IMlflowWidget,
      'setContent' | 'setSelected' | 'setLive'
    >
  ) {
    this._take();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** The model has come. */
  setModel(model: TraitModel): void {
    this._release();
    this._model = model;
    this._take();
  }

  readonly onSelected = (runIds: ReadonlyArray<string>): void => {
    this._send('selected', [...runIds]);
  };

  readonly onFilter = (filter: string): void => {
    // The kernel answers with a bundle of that filter, which is drawn here already, with columns and all.
    this._ownFilter = filter;
    this._send('filter', filter);
  };

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._release();
    }
  }

  private _take(): void {
    const model = this._model;
    if (model === null || this._isDisposed) {
      return;
    }
    const { _widget: widget } = this;
    const draw = (): void => {
      const bundle = model.get('bundle');
      if (this._ownFilter === null || filterOf(bundle) !== this._ownFilter) {
        this._ownFilter = null;
        widget.setContent(bundle, true);
        widget.setSelected(idsOf(model.get('selected')));
      }
    };
    draw();
    widget.setLive(model.get('live') !== false);
    model.on('change:bundle', draw, this);
    model.on(
      'change:selected',
      () => widget.setSelected(idsOf(model.get('selected'))),
      this
    );
    model.on(
      'change:live',
      () => widget.setLive(model.get('live') !== false),
      this
    );
    // What is drawn stays, and goes on without the kernel.
    model.on('destroy', () => this._release(), this);
  }

  private _send(trait: string, value: unknown): void {
    const model = this._model;
    if (model === null) {
      return;
    }
    // Other views of the model follow, kernel or not.
    model.set(trait, value);
    if (model.comm_live) {
      model.save_changes();
    }
  }

  private _release(): void {
    this._model?.off(null, null, this);
    this._model = null;
  }

  private _ownFilter: string | null = null;
  private _isDisposed = false;
}

/** Ties outputs to models that are there, or that come: after a reload the kernel tells of its own again. */
export function linkTo(models: LiveModels): LinkWidget {
  return (modelId, widget) => {
    const link = new ModelLink(models.find(modelId), widget);
    const onAdded = (_: LiveModels, model: TraitModel): void => {
      if (model.model_id === modelId) {
        link.setModel(model);
      }
    };
    models.added.connect(onAdded);
    return {
      onSelected: link.onSelected,
      onFilter: link.onFilter,
      get isDisposed() {
        return link.isDisposed;
      },
      dispose: () => {
        models.added.disconnect(onAdded);
        link.dispose();
      }
    };
  };
}
