import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  INotebookTracker,
  NotebookActions,
  type NotebookPanel
} from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { createElement, lazy, Suspense, type ComponentProps } from 'react';
import { IRunTools, type RunTools } from '../runs/tools';
import { ITrackingServers } from '../servers/tokens';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import { mlflowIcon } from '../ui/icons';
import { once } from '../ui/once';
import { IUiServices } from '../ui/plugin';
import { LoadingState } from '../ui/states';
import { IViews } from '../ui/views';
import { acceptRuns } from './drop';
import { rendererFactories } from './renderer';
import type { WidgetServices } from './services';
import type { KernelOf } from './ticks';
import { IMlflowWidgets, type LinkWidget } from './tokens';
import { turnOf } from './turns';
import { lateWidgetView, MlflowWidget, type WidgetView } from './widget';

/** A cell that will have an output of ours. */
const MAGIC = /%mlflow\b/;

/** Draws what `%mlflow` shows. */
export const widgetsPlugin: JupyterFrontEndPlugin<IMlflowWidgets> = {
  id: 'jupyter-mlflow:widgets',
  description: 'Draws the outputs of %mlflow, live.',
  autoStart: true,
  provides: IMlflowWidgets,
  requires: [
    IRenderMimeRegistry,
    IUiServices,
    ITrackingServers,
    IViews,
    IRunTools
  ],
  optional: [INotebookTracker],
  activate: (
    app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    ui: UiServices,
    servers: ITrackingServers,
    views: IViews,
    tools: RunTools,
    tracker: INotebookTracker | null
  ): IMlflowWidgets => {
    const load = once(async () => {
      const [{ default: Root }, { HistoryReader }, { notebookPlace }] =
        await Promise.all([
          import('./view'),
          import('./histories'),
          import('./place')
        ]);
      const { kernels } = app.serviceManager;
      const services: WidgetServices = {
        servers,
        views,
        settings: tools.settings,
        histories: new HistoryReader(servers),
        place: notebookPlace(app, tracker, ui.translator),
        isOwnKernel: id => [...kernels.running()].some(each => each.id === id)
      };
      const View: WidgetView = ({ model }) =>
        createElement(Root, { model, services });
      return View;
    });
    const view = lateWidgetView(load);
    const trans = ui.translator.load(TRANSLATION_DOMAIN);
    const Output = lazy(async () => {
      const [View, { default: OutputView }] = await Promise.all([
        load(),
        import('./output-view')
      ]);
      return {
        default: (props: Omit<ComponentProps<typeof OutputView>, 'view'>) =>
          createElement(OutputView, { ...props, view: View })
      };
    });
    views.register('output', {
      label: trans.__('Output'),
      icon: mlflowIcon,
      inPanel: false,
      create: (address, host) =>
        createElement(
          Suspense,
          {
            fallback: createElement(LoadingState, {
              label: trans.__('Loading')
            })
          },
          createElement(Output, { address, host })
        )
    });
    if (tracker) {
      tracker.forEach(acceptRuns);
      tracker.widgetAdded.connect((_, panel) => acceptRuns(panel));
      // What draws the answer comes while the kernel works on it.
      NotebookActions.executionScheduled.connect((_, { cell }) => {
        if (MAGIC.test(cell.model.sharedModel.getSource())) {
          load().catch(() => undefined);
        }
      });
    }
    let link: LinkWidget | null = null;
    const widgets: IMlflowWidgets = {
      create: options => new MlflowWidget(ui, view, options),
      setLink: next => {
        link = next;
      }
    };
    const around = (node: Node): NotebookPanel | undefined =>
      tracker?.find(each => each.content.node.contains(node));
    const kernelOf: KernelOf = async node => {
      const panel = around(node) ?? tracker?.currentWidget;
      await panel?.sessionContext.ready;
      return panel?.sessionContext.session?.kernel ?? null;
    };
    for (const { factory, rank } of rendererFactories(
      widgets,
      () => link,
      kernelOf,
      node => {
        const shared = around(node)?.content.model?.sharedModel;
        return shared ? turnOf(shared.awareness) : 0;
      }
    )) {
      rendermime.addFactory(factory, rank);
    }
    return widgets;
  }
};
