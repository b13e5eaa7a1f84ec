/** What this extension uses of plotly.js: the package carries no types of its own. */
declare module 'plotly.js-basic-dist-min' {
  export interface Trace {
    readonly type: 'scatter';
    readonly mode: 'lines' | 'lines+markers' | 'markers';
    readonly name: string;
    readonly x: ReadonlyArray<number | string | Date>;
    readonly y: ReadonlyArray<number | null>;
    readonly visible?: boolean;
    readonly opacity?: number;
    readonly hoverinfo?: 'skip';
    readonly hovertemplate?: string;
    readonly line?: { readonly color: string; readonly width: number };
    readonly marker?: { readonly color: string; readonly size: number };
  }
  export type Layout = Readonly<Record<string, unknown>>;
  export type Config = Readonly<Record<string, unknown>>;
  export interface Plotly {
    /** Draws, or draws anew with what has changed. */
    react(
      node: HTMLElement,
      traces: ReadonlyArray<Trace>,
      layout: Layout,
      config: Config
    ): Promise<unknown>;
    /** Lets go of everything that it holds for the node. */
    purge(node: HTMLElement): void;
    readonly Plots: { resize(node: HTMLElement): Promise<unknown> };
  }
  const plotly: Plotly;
  export default plotly;
}
