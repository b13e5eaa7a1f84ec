import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import type { ReactNode } from 'react';
import type { IViewFactory, IViewHost, IViews, ViewAddress } from './views';

/** Where views go in the shell at hand; the plugin decides. */
export interface ViewPlaces {
  /** Opens a tab in the main area; null where the shell has no room for one (Notebook 7). */
  readonly openTab:
    ((address: ViewAddress, factory: IViewFactory) => void) | null;
  readonly openBrowserTab: (url: string) => void;
  readonly shareUrl: (address: ViewAddress) => string;
}

/** The registry of views, and the drill-down that the panel shows where there is no main area. */
export class Views implements IViews {
  constructor(private readonly _places: ViewPlaces) {}

  register(kind: string, factory: IViewFactory): IDisposable {
    if (this._factories.has(kind)) {
      throw new Error(`A view of kind "${kind}" is registered already`);
    }
    this._factories.set(kind, factory);
    return new DisposableDelegate(() => {
      this._factories.delete(kind);
    });
  }

  open(address: ViewAddress): void {
    const factory = this._factories.get(address.kind);
    if (!factory) {
      return;
    }
    if (this._places.openTab) {
      this._places.openTab(address, factory);
    } else if (factory.inPanel) {
      this._stack = [...this._stack, address];
      this._panelViewChanged.emit();
    } else {
      this._places.openBrowserTab(this.shareUrl(address));
    }
  }

  shareUrl(address: ViewAddress): string {
    return this._places.shareUrl(address);
  }

  get panelView(): ViewAddress | null {
    return this._stack.at(-1) ?? null;
  }

  get panelViewChanged(): ISignal<this, void> {
    return this._panelViewChanged;
  }

  back(): void {
    this._stack = this._stack.slice(0, -1);
    this._panelViewChanged.emit();
  }

  render(address: ViewAddress, host: IViewHost): ReactNode {
    return this._factories.get(address.kind)?.create(address, host) ?? null;
  }

  private _stack: ReadonlyArray<ViewAddress> = [];
  private readonly _factories = new Map<string, IViewFactory>();
  private readonly _panelViewChanged = new Signal<this, void>(this);
}

/** The address parameter that opens a view. */
export const VIEW_PARAMETER = 'mlflow-view';

/** A view as text for an address: `kind/server/key=value&…`. */
export function formatAddress(address: ViewAddress): string {
  const args = new URLSearchParams(Object.entries(address.args)).toString();
  return [address.kind, encodeURIComponent(address.serverId), args].join('/');
}

/** The view of such a text; null if it is not one. */
export function parseAddress(text: string): ViewAddress | null {
  const match = /^([a-z-]+)\/([^/]*)\/(.*)$/.exec(text);
  if (!match) {
    return null;
  }
  try {
    return {
      kind: match[1],
      serverId: decodeURIComponent(match[2]),
      args: Object.fromEntries(new URLSearchParams(match[3]))
    };
  } catch {
    return null;
  }
}
