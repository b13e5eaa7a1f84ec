import type { Plotly, Trace } from 'plotly.js-basic-dist-min';
import { useEffect, useRef, useState } from 'react';
import { once } from '../ui/once';
import { CONFIG, layoutOf, type ChartOptions } from './look';

/** Loaded once, with the first chart: it is larger than all the rest of the extension. */
export const loadPlotly: () => Promise<Plotly> = once(
  async () => (await import('plotly.js-basic-dist-min')).default
);

/** Changes of JupyterLab's theme, which marks the body. */
function onTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, {
    attributes: true,
    attributeFilter: ['data-jp-theme-light', 'data-jp-theme-name']
  });
  return () => observer.disconnect();
}

/** A plot, which follows its size and JupyterLab's theme, and is let go when it is taken away. */
export function Plot(props: {
  label: string;
  traces: ReadonlyArray<Trace>;
  options: ChartOptions;
  onError: (reason: unknown) => void;
}): JSX.Element {
  const { traces, options, onError } = props;
  const box = useRef<HTMLDivElement>(null);
  const [plotly, setPlotly] = useState<Plotly | null>(null);
  const [theme, setTheme] = useState(0);

  useEffect(() => {
    let isHere = true;
    loadPlotly().then(
      loaded => {
        if (isHere) {
          setPlotly(loaded);
        }
      },
      (reason: unknown) => {
        if (isHere) {
          onError(reason);
        }
      }
    );
    return () => {
      isHere = false;
    };
  }, [onError]);

  useEffect(() => onTheme(() => setTheme(count => count + 1)), []);

  useEffect(() => {
    const node = box.current;
    if (node && plotly) {
      plotly
        .react(node, traces, layoutOf(node, options), CONFIG)
        .catch(onError);
    }
  }, [plotly, traces, options, theme, onError]);

  useEffect(() => {
    const node = box.current;
    if (!node || !plotly) {
      return;
    }
    let width = node.clientWidth;
    const observer = new ResizeObserver(() => {
      if (node.clientWidth !== width && node.clientWidth > 0) {
        width = node.clientWidth;
        plotly.Plots.resize(node).catch(() => undefined);
      }
    });
    observer.observe(node);
    return () => {
      observer.disconnect();
      plotly.purge(node);
    };
  }, [plotly]);

  return (
    <div
      ref={box}
      // No image: its bar has buttons.
      role="figure"
      aria-label={props.label}
      aria-busy={plotly === null}
      className="jp-mlflow-Chart-plot"
    />
  );
}
