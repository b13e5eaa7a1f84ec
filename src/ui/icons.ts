import { LabIcon } from '@jupyterlab/ui-components';

// Drawn for this extension: a run's curve over its experiment's base line. `jp-icon3` follows the theme; it would fill
// what has a `fill` of its own, even "none".
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">
  <g fill="none"><g class="jp-icon3 jp-icon-selectable" stroke="#616161" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">
    <path d="M2 13.2h12"/>
    <path d="M2.6 10.2 6 6.4l2.8 2.2 4.4-5.4"/>
  </g></g>
  <circle class="jp-icon3 jp-icon-selectable" cx="13.2" cy="3.2" r="1.5" fill="#616161"/>
</svg>`;

export const mlflowIcon = new LabIcon({
  name: 'jupyter-mlflow:mlflow',
  svgstr: svg
});

// JupyterLab's own `infoIcon` shows a question mark, which promises help.
const detailsSvg = `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">
  <g fill="none"><g class="jp-icon3 jp-icon-selectable" stroke="#616161" stroke-width="1.3" stroke-linecap="round">
    <circle cx="8" cy="8" r="6.2"/>
    <path d="M8 7.4v3.6"/>
  </g></g>
  <circle class="jp-icon3 jp-icon-selectable" cx="8" cy="5.1" r=".9" fill="#616161"/>
</svg>`;

export const detailsIcon = new LabIcon({
  name: 'jupyter-mlflow:details',
  svgstr: detailsSvg
});
