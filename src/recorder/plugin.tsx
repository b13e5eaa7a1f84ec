import {
  ILabShell,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IMlflowPanel } from '../panel/tokens';
import { ITrackingServers } from '../servers/tokens';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import { once } from '../ui/once';
import { IUiServices } from '../ui/plugin';
import { followSettings } from '../ui/settings';
import { ToolbarMark } from '../ui/toolbar-mark';
import { IViews } from '../ui/views';
import { IExecutionViews } from './tokens';
import { RecorderWishes } from './wishes';

const PLUGIN_ID = 'jupyter-mlflow:recorder';

/** What cells ran, as they ran: its switch in the toolbar, badges on cells, the history in the panel. */
export const recorderPlugin: JupyterFrontEndPlugin<IExecutionViews> = {
  id: PLUGIN_ID,
  description: 'Records what cells ran, and ties it to MLflow’s runs.',
  autoStart: true,
  provides: IExecutionViews,
  requires: [IUiServices, ITrackingServers, IViews, INotebookTracker],
  optional: [
    IToolbarWidgetRegistry,
    IMlflowPanel,
    ILabShell,
    IDocumentManager,
    ISettingRegistry
  ],
  activate: (
    app: JupyterFrontEnd,
    ui: UiServices,
    servers: ITrackingServers,
    views: IViews,
    tracker: INotebookTracker,
    toolbars: IToolbarWidgetRegistry | null,
    panel: IMlflowPanel | null,
    labShell: ILabShell | null,
    documents: IDocumentManager | null,
    registry: ISettingRegistry | null
  ): IExecutionViews => {
    const trans = ui.translator.load(TRANSLATION_DOMAIN);
    const { serverSettings, events } = app.serviceManager;
    const wishes = new RecorderWishes();
    followSettings(registry, app.restored, PLUGIN_ID, values => {
      wishes.take(values);
    });
    const recorder = once(async () => {
      const [wiring, { RecorderApi }, { openNotebooks }, { cellPlaces }] =
        await Promise.all([
          import('./wiring'),
          import('./api'),
          import('./access'),
          import('../notebooks')
        ]);
      const services = {
        api: new RecorderApi(serverSettings),
        views,
        notebooks: openNotebooks({
          tracker,
          places: cellPlaces(app, tracker, labShell && documents),
          contents: app.serviceManager.contents,
          commands: app.commands,
          trans
        }),
        rendermime: ui.rendermime
      };
      return new wiring.Recorder({
        ui,
        servers,
        services,
        wishes,
        events: events.stream
      });
    });
    toolbars?.addFactory<NotebookPanel>('Notebook', 'mlflow-recorder', of => {
      const mark = new ToolbarMark(
        trans.__('Recording of this notebook'),
        'mlflowRecorder'
      );
      recorder().then(
        made => {
          if (!of.isDisposed && !mark.isDisposed) {
            made.attend(of, mark);
          }
        },
        (reason: unknown) => {
          console.warn('Recording of notebooks is not looked after.', reason);
        }
      );
      return mark;
    });
    panel?.addSection({
      id: 'recorder-history',
      title: trans.__('History of this notebook'),
      rank: 45,
      size: 2,
      isClosed: true,
      load: async () => {
        const [made, { default: Section }, { ActiveNotebook }] =
          await Promise.all([
            recorder(),
            import('./history'),
            import('../notebooks')
          ]);
        const sources = {
          // eslint-disable-next-line jupyter/require-disposable-ownership -- lives as long as the application
          active: new ActiveNotebook(tracker),
          executed: made.executed
        };
        return () => <Section services={made.services} sources={sources} />;
      }
    });
    return {
      view: async (executionId, signal) =>
        (await recorder()).view(executionId, signal)
    };
  }
};
