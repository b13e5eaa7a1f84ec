import { Token } from '@lumino/coreutils';
import type { PanelSection, SectionHead } from './panel';

/** The side panel, for features that add a section. */
export interface IMlflowPanel {
  addSection(section: PanelSection): void;
  /** Puts something above the content of a section, whether that has been added yet or not. */
  addHead(head: SectionHead): void;
  /** Shows the panel. */
  activate(): void;
}

export const IMlflowPanel = new Token<IMlflowPanel>(
  'jupyter-mlflow:IMlflowPanel',
  'The MLflow side panel.'
);
