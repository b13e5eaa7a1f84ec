import type { IRenderMime } from '@jupyterlab/rendermime';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Panel } from '@lumino/widgets';
import {
  IPYWIDGET_VIEW,
  WIDGET_KINDS,
  widgetMimeType,
  type IMlflowWidget,
  type IMlflowWidgets,
  type LinkWidget,
  type WidgetKind,
  type WidgetLayers,
  type WidgetLink
} from './tokens';

/** Before HTML, which is a layer of each output, and before the view of an ipywidget (-10), which needs its kernel. */
const RANK = -20;

/** The model that an output names beside our layers; null for none. */
function modelIdOf(data: ReadonlyPartialJSONObject): string | null {
  const view = data[IPYWIDGET_VIEW];
  const id =
    typeof view === 'object' && view !== null && 'model_id' in view
      ? view.model_id
      : null;
  return typeof id === 'string' ? id : null;
}

/** Draws one output of a notebook, and keeps its snapshot in it. */
class OutputRenderer extends Panel implements IRenderMime.IRenderer {
  constructor(
    private readonly _kind: WidgetKind,
    private readonly _widgets: IMlflowWidgets,
    private readonly _link: () => LinkWidget | null
  ) {
    super();
    this.addClass('jp-mlflow-Output');
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this._model = model;
    this._widget ??= this._make();
    this._widget.setContent(
      model.data[widgetMimeType(this._kind)],
      model.trusted
    );
    this._follow(model.trusted ? modelIdOf(model.data) : null, this._widget);
    return Promise.resolve();
  }

  override dispose(): void {
    this._model = null;
    this._linked?.dispose();
    this._linked = null;
    super.dispose();
  }

  private _follow(modelId: string | null, widget: IMlflowWidget): void {
    if (modelId !== this._modelId) {
      this._modelId = modelId;
      this._linked?.dispose();
      this._linked =
        modelId === null ? null : (this._link()?.(modelId, widget) ?? null);
    }
  }

  private _make(): IMlflowWidget {
    const widget = this._widgets.create({
      kind: this._kind,
      onSelected: runIds => this._linked?.onSelected(runIds),
      onFilter: filter => this._linked?.onFilter(filter),
      onLayers: layers => this._keep(layers)
    });
    this.addWidget(widget);
    return widget;
  }

  private _keep(layers: WidgetLayers): void {
    const model = this._model;
    if (model?.trusted) {
      model.setData({ data: { ...model.data, ...layers } });
    }
  }

  private _model: IRenderMime.IMimeModel | null = null;
  private _widget: IMlflowWidget | null = null;
  private _modelId: string | null = null;
  private _linked: WidgetLink | null = null;
}

/**
 * A factory for each kind. `safe`, as it draws data and never markup: so an untrusted notebook shows the snapshot, and the widget
 * asks nothing of anyone there.
 */
export function rendererFactories(
  widgets: IMlflowWidgets,
  link: () => LinkWidget | null
): ReadonlyArray<{
  factory: IRenderMime.IRendererFactory;
  rank: number;
}> {
  return WIDGET_KINDS.map(kind => ({
    factory: {
      safe: true,
      mimeTypes: [widgetMimeType(kind)],
      createRenderer: () => new OutputRenderer(kind, widgets, link)
    },
    rank: RANK
  }));
}
