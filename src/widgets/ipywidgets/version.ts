import type { WidgetKind } from '../tokens';

/** The module that our ipywidgets name; kernel/magics/widgets.py says the same. */
export const WIDGETS_MODULE = 'jupyter-mlflow';

/** Version of their traits, not of the extension: kernels and pages need not be of one age. */
export const WIDGETS_VERSION = '1.0.0';

/** Their classes by the kind that they draw: `RunTableModel` and `RunTableView` for a table. */
export const WIDGET_CLASSES = {
  table: 'RunTable',
  card: 'RunCard',
  chart: 'MetricChart',
  compare: 'Compare',
  model: 'ModelCard'
} as const satisfies Partial<Record<WidgetKind, string>>;

export type IpywidgetKind = keyof typeof WIDGET_CLASSES;
