import type { IRenderMime } from '@jupyterlab/rendermime';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import { Panel } from '@lumino/widgets';
import { laterOf } from './later';
import { Ticks, type KernelOf } from './ticks';
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
import { TURN_MS } from './turns';

/** Before HTML, which is a layer of each output, and before the view of an ipywidget (-10), which needs its kernel. */
const RANK = -20;

/** How many pages come before this one when they keep what an output shows; `node` is in the output. */
type TurnOf = (node: Node) => number;

/** The model that an output names beside our layers; null for none. */
function modelIdOf(data: ReadonlyPartialJSONObject): string | null {
  const view = data[IPYWIDGET_VIEW];
  const id =
    typeof view === 'object' && view !== null && 'model_id' in view
      ? view.model_id
      : null;
  return typeof id === 'string' ? id : null;
}

/** The word by which the kernel knows a table; null for none. */
function outputOf(content: unknown): string | null {
  return typeof content === 'object' &&
    content !== null &&
    'selection' in content &&
    typeof content.selection === 'string' &&
    content.selection.length <= 64
    ? content.selection
    : null;
}

/** Draws one output of a notebook, and keeps its snapshot in it. */
class OutputRenderer extends Panel implements IRenderMime.IRenderer {
  constructor(
    private readonly _kind: WidgetKind,
    private readonly _widgets: IMlflowWidgets,
    private readonly _link: () => LinkWidget | null,
    private readonly _kernelOf: KernelOf,
    private readonly _turnOf: TurnOf
  ) {
    super();
    this.addClass('jp-mlflow-Output');
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this._model = model;
    this._widget ??= this._make();
    const content = model.data[widgetMimeType(this._kind)];
    this._widget.setContent(content, model.trusted);
    if (model.trusted) {
      this._follow(modelIdOf(model.data), outputOf(content), this._widget);
    } else {
      this._follow(null, null, this._widget);
    }
    return Promise.resolve();
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._linked?.onAttached?.();
  }

  override dispose(): void {
    clearTimeout(this._timer);
    this._model = null;
    this._linked?.dispose();
    this._linked = null;
    super.dispose();
  }

  /** An ipywidget where the kernel and the page have them, else a comm of our own. */
  private _follow(
    modelId: string | null,
    output: string | null,
    widget: IMlflowWidget
  ): void {
    const link = modelId === null ? null : this._link();
    const name = link ? `model ${modelId}` : output && `output ${output}`;
    if (name === this._followed) {
      return;
    }
    this._followed = name;
    this._linked?.dispose();
    this._linked =
      link && modelId !== null
        ? link(modelId, this._beside(widget))
        : output === null
          ? null
          : new Ticks(output, widget, this._kernelOf);
    if (this.isAttached) {
      this._linked?.onAttached?.();
    }
  }

  /** The widget, for whoever tells of the same output. */
  private _beside(widget: IMlflowWidget): Parameters<LinkWidget>[1] {
    return {
      setContent: (told, isTrusted) =>
        widget.setContent(laterOf(this._json, told), isTrusted),
      setSelected: runIds => widget.setSelected(runIds),
      setLive: isLive => widget.setLive(isLive)
    };
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
    clearTimeout(this._timer);
    const turn = this._turnOf(this.node);
    if (turn === 0) {
      this._write(layers);
      return;
    }
    const before = this._content;
    this._timer = setTimeout(() => {
      // Another page has kept it meanwhile, or it is another output.
      if (this._content === before) {
        this._write(layers);
      }
    }, turn * TURN_MS);
  }

  private _write(layers: WidgetLayers): void {
    const model = this._model;
    if (model?.trusted) {
      model.setData({ data: { ...model.data, ...layers } });
    }
  }

  /** What it shows, as the output has it. */
  private get _json(): unknown {
    return this._model?.data[widgetMimeType(this._kind)];
  }

  private get _content(): string {
    return JSON.stringify(this._json ?? '');
  }

  private _model: IRenderMime.IMimeModel | null = null;
  private _widget: IMlflowWidget | null = null;
  private _followed: string | null = null;
  private _linked: WidgetLink | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * A factory for each kind. `safe`, as it draws data and never markup: so an untrusted notebook shows the snapshot, and the widget
 * asks nothing of anyone there.
 */
export function rendererFactories(
  widgets: IMlflowWidgets,
  link: () => LinkWidget | null,
  kernelOf: KernelOf,
  turnOf: TurnOf
): ReadonlyArray<{
  factory: IRenderMime.IRendererFactory;
  rank: number;
}> {
  return WIDGET_KINDS.map(kind => ({
    factory: {
      safe: true,
      mimeTypes: [widgetMimeType(kind)],
      createRenderer: () =>
        new OutputRenderer(kind, widgets, link, kernelOf, turnOf)
    },
    rank: RANK
  }));
}
