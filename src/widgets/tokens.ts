import { Token } from '@lumino/coreutils';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { Widget } from '@lumino/widgets';

/** Kinds of outputs of `%mlflow`; docs/magics.md describes what each holds. */
export const WIDGET_KINDS = [
  'table',
  'card',
  'chart',
  'compare',
  'model',
  'status'
] as const;

export type WidgetKind = (typeof WIDGET_KINDS)[number];

/** The MIME type of a kind of output, as the kernel writes it. */
export function widgetMimeType(kind: WidgetKind): string {
  return `application/vnd.jupyter-mlflow.${kind}.v1+json`;
}

/** One output in its layers, by MIME type: what a notebook keeps of it. */
export type WidgetLayers = ReadonlyPartialJSONObject;

/** What whoever shows a widget is told of it. */
export interface MlflowWidgetOptions {
  readonly kind: WidgetKind;
  /** The person ticked or unticked runs: the ids of those that are ticked now. */
  readonly onSelected?: (runIds: ReadonlyArray<string>) => void;
  /** The person filtered the runs: MLflow's grammar, empty for all. */
  readonly onFilter?: (filter: string) => void;
  /** A snapshot that is worth keeping: none was there, or a run that was live has ended. */
  readonly onLayers?: (layers: WidgetLayers) => void;
}

/**
 * One output, drawn: at once its snapshot, then live data of the tracking server. Asks nothing of anyone while it is not trusted, out of
 * sight, or told not to be live. Whoever made it disposes it.
 */
export interface IMlflowWidget extends Widget {
  /**
   * Draws this content from now on.
   *
   * @param content - the JSON of the kind's MIME type; whatever comes is checked, nothing of it is believed.
   * @param isTrusted - whether the notebook is; if not, the snapshot is drawn and nothing is asked.
   */
  setContent(content: unknown, isTrusted: boolean): void;
  /** Ticks these runs; `onSelected` is not called for it. Kinds without ticks ignore it. */
  setSelected(runIds: ReadonlyArray<string>): void;
  /** False stops the polls: what was read last stays. */
  setLive(isLive: boolean): void;
}

/** The MIME type of an ipywidget's view; beside ours in the outputs of kernels that have ipywidgets. */
export const IPYWIDGET_VIEW = 'application/vnd.jupyter.widget-view+json';

/** What ties an output that is drawn to an ipywidget of its kernel. */
export interface WidgetLink extends IDisposable {
  /** The output stands in its notebook. */
  readonly onAttached?: () => void;
  readonly onSelected: (runIds: ReadonlyArray<string>) => void;
  readonly onFilter: (filter: string) => void;
}

/**
 * Ties an output to the ipywidget that its `IPYWIDGET_VIEW` names, as soon as there is one and for as long as it lives: what the
 * kernel sets is given to the widget, what the person does to the link.
 */
export type LinkWidget = (
  modelId: string,
  widget: Pick<IMlflowWidget, 'setContent' | 'setSelected' | 'setLive'>
) => WidgetLink;

/** Draws outputs of `%mlflow`, for the MIME renderers and for ipywidgets alike. */
export interface IMlflowWidgets {
  create(options: MlflowWidgetOptions): IMlflowWidget;
  /**
   * Ties outputs of trusted notebooks to their ipywidgets from now on. Our own renderer draws such an output, and not the one of
   * ipywidgets, which can draw nothing without its kernel; a view inside of other ipywidgets is made with `create`.
   */
  setLink(link: LinkWidget): void;
}

export const IMlflowWidgets = new Token<IMlflowWidgets>(
  'jupyter-mlflow:IMlflowWidgets',
  'Draws outputs of %mlflow.'
);
