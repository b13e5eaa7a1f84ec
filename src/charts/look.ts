import type { Config, Layout, Trace } from 'plotly.js-basic-dist-min';
import { colorOf, drawnOf, type Series, type XAxis } from './series';

/** How a chart is drawn. */
export interface ChartOptions {
  readonly x: XAxis;
  /** From 0 (off) to below 1. */
  readonly smooth: number;
  readonly log: boolean;
  /** What stands beside the axes. */
  readonly xTitle: string;
  readonly yTitle: string;
}

/** Lines of at most so many points show their points. */
const MARKED = 25;

/** Text of somebody else's for plotly, which would read tags and entities in it. */
export function plotlyText(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/%\{/g, '%&#123;');
}

function shortened(text: string): string {
  const characters = [...text];
  return characters.length > 60 ? `${characters.slice(0, 60).join('')}…` : text;
}

/** The lines for plotly; a smoothed one has its own values faintly behind it. */
export function tracesOf(
  lines: ReadonlyArray<Series>,
  hidden: ReadonlySet<string>,
  options: ChartOptions
): Trace[] {
  return lines.flatMap((series, index) => {
    if (hidden.has(series.id)) {
      return [];
    }
    const color = colorOf(index);
    const name = plotlyText(shortened(series.name));
    const trace = (smooth: number): Trace => {
      const { x, y } = drawnOf(series, { ...options, smooth });
      const isFaint = smooth !== options.smooth;
      return {
        type: 'scatter',
        mode: y.length <= MARKED && !isFaint ? 'lines+markers' : 'lines',
        name,
        x,
        y,
        opacity: isFaint ? 0.25 : 1,
        line: { color, width: isFaint ? 1 : 1.8 },
        marker: { color, size: 5 },
        ...(isFaint
          ? { hoverinfo: 'skip' }
          : { hovertemplate: `%{y:.6g}<extra>${name}</extra>` })
      };
    };
    return options.smooth > 0
      ? [trace(0), trace(options.smooth)]
      : [trace(options.smooth)];
  });
}

/** Colours and fonts as JupyterLab's theme has them now. */
export function layoutOf(node: HTMLElement, options: ChartOptions): Layout {
  const style = getComputedStyle(node);
  const theme = (name: string, fallback: string): string =>
    style.getPropertyValue(name).trim() || fallback;
  const ink = theme('--jp-ui-font-color1', '#333');
  const grid = theme('--jp-border-color2', '#ddd');
  const axis = (title: string): Layout => ({
    title: { text: plotlyText(shortened(title)), standoff: 8 },
    gridcolor: grid,
    linecolor: grid,
    zeroline: false,
    automargin: true
  });
  return {
    autosize: true,
    showlegend: false,
    margin: { l: 48, r: 12, t: 8, b: 36 },
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: {
      family: theme('--jp-ui-font-family', 'sans-serif'),
      size: 11,
      color: ink
    },
    hovermode: 'x unified',
    hoverlabel: {
      bgcolor: theme('--jp-layout-color1', '#fff'),
      bordercolor: theme('--jp-border-color1', '#bbb'),
      font: { color: ink }
    },
    modebar: {
      bgcolor: 'rgba(0,0,0,0)',
      color: theme('--jp-ui-font-color2', '#666'),
      activecolor: theme('--jp-brand-color1', '#1976d2')
    },
    xaxis: {
      ...axis(options.xTitle),
      type: options.x === 'wall' ? 'date' : 'linear'
    },
    yaxis: { ...axis(options.yTitle), type: options.log ? 'log' : 'linear' },
    // The same word keeps the zoom while points come.
    uirevision: `${options.x}/${String(options.log)}`
  };
}

/** Nothing that leaves the page: no link to anybody's cloud, no formulas. */
export const CONFIG: Config = {
  displaylogo: false,
  typesetMath: false,
  responsive: false,
  modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d']
};
