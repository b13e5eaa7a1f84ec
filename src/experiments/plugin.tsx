import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IMlflowPanel } from '../panel/tokens';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import { IUiServices } from '../ui/plugin';
import { ExperimentsSection } from './section';

/** The panel's section of experiments. */
export const experimentsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlflow:experiments',
  description: 'Experiments of the current tracking server.',
  autoStart: true,
  requires: [IUiServices, IMlflowPanel],
  activate: (_: JupyterFrontEnd, ui: UiServices, panel: IMlflowPanel) => {
    const trans = ui.translator.load(TRANSLATION_DOMAIN);
    panel.addSection({
      id: 'experiments',
      title: trans.__('Experiments'),
      rank: 10,
      content: () => <ExperimentsSection />
    });
  }
};
