import { ButtonWidget } from './button-widget';

/** Words in a notebook's toolbar that say how something is, and open more on a click. Hidden in the state `none`. */
export class ToolbarMark extends ButtonWidget {
  /**
   * @param label - what a click opens.
   * @param handle - name of the data attribute by which tests find it.
   */
  constructor(label: string, handle: string) {
    super('jp-mlflow-Mark');
    this.node.dataset[handle] = '';
    this.button.title = label;
    this.say('none', '');
  }

  /** @param state - of the attribute `data-state`. */
  say(state: string, text: string): void {
    this.node.dataset.state = state;
    if (this.button.textContent !== text) {
      this.button.textContent = text;
    }
    this.setHidden(state === 'none');
  }
}
