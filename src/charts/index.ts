export { MetricChart, type ChartSettings } from './chart';
export { smoothed, type Series, type XAxis } from './series';
