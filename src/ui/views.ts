import type { LabIcon } from '@jupyterlab/ui-components';
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { ReactNode } from 'react';

/** A view that can be opened, restored and put into an address: a kind and plain text arguments. */
export interface ViewAddress {
  readonly kind: string;
  /** Empty for a view that is about no tracking server. */
  readonly serverId: string;
  /** Such as `{ runId }` or `{ experimentId }`. */
  readonly args: Readonly<Record<string, string>>;
}

/** How a feature draws one kind of view. */
export interface IViewFactory {
  /** Title of the tab until the view sets a better one. */
  readonly label: string;
  readonly icon: LabIcon;
  /** Whether Notebook 7 may show it inside the side panel; others open JupyterLab in a new tab. */
  readonly inPanel: boolean;
  create(address: ViewAddress, host: IViewHost): ReactNode;
}

/** What a view may ask of the place it is shown in. */
export interface IViewHost {
  setTitle(title: string): void;
  close(): void;
}

/**
 * Opens views. In JupyterLab they are tabs of the main area, restored with the layout; Notebook 7 shows one main
 * widget and drops any other, so there a view opens inside the panel, or JupyterLab in a new browser tab.
 */
export interface IViews {
  register(kind: string, factory: IViewFactory): IDisposable;
  open(address: ViewAddress): void;
  /** An address that opens the view in a browser; through the hub's user-redirect where there is a hub. */
  shareUrl(address: ViewAddress): string;
  /** What the panel shows instead of its lists (Notebook 7), or null. */
  readonly panelView: ViewAddress | null;
  readonly panelViewChanged: ISignal<IViews, void>;
  /** Back from `panelView` to what stood there before it. */
  back(): void;
  /** Draws a view's content; null for a kind that nobody registered. */
  render(address: ViewAddress, host: IViewHost): ReactNode;
}

export const IViews = new Token<IViews>(
  'jupyter-mlflow:IViews',
  'Opens MLflow views where the shell allows it.'
);
