import { Token } from '@lumino/coreutils';
import type { PanelSection } from './panel';

/** The side panel, for features that add a section. */
export interface IMlflowPanel {
  addSection(section: PanelSection): void;
  /** Shows the panel. */
  activate(): void;
}

export const IMlflowPanel = new Token<IMlflowPanel>(
  'jupyter-mlflow:IMlflowPanel',
  'The MLflow side panel.'
);
