import { ButtonWidget } from '../ui/button-widget';

/** What a badge says. */
export interface BadgeView {
  readonly executionId: string;
  readonly state: string;
  readonly outcome: string;
  /** In words. */
  readonly text: string;
}

/** The badge at a cell that was recorded. Never part of the notebook. */
export class CellBadge extends ButtonWidget {
  constructor() {
    super('jp-mlflow-Badge');
  }

  draw(view: BadgeView): void {
    const { dataset } = this.node;
    dataset.mlflowExecution = view.executionId;
    dataset.state = view.state;
    dataset.outcome = view.outcome;
    this.button.title = view.text;
    this.button.setAttribute('aria-label', view.text);
  }
}
