import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Token, type ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { TRANSLATION_DOMAIN, type UiServices } from './context';
import { shortTitle } from './format';
import { UiPreferences } from './preferences';
import { IViews, type IViewFactory, type ViewAddress } from './views';
import {
  formatAddress,
  parseAddress,
  VIEW_PARAMETER,
  Views
} from './views-model';
import { ViewWidget } from './widget';

export const IUiServices = new Token<UiServices>(
  'jupyter-mlflow:IUiServices',
  'What every MLflow view may use.'
);

/** The command that opens any view; what layouts and addresses restore by. */
const OPEN_VIEW = 'mlflow:open-view';

export const uiServicesPlugin: JupyterFrontEndPlugin<UiServices> = {
  id: 'jupyter-mlflow:ui',
  description: 'Translator, commands and renderers for MLflow views.',
  autoStart: true,
  provides: IUiServices,
  optional: [ITranslator, IRenderMimeRegistry],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null,
    rendermime: IRenderMimeRegistry | null
  ) => ({
    translator: translator ?? nullTranslator,
    commands: app.commands,
    rendermime,
    preferences: new UiPreferences()
  })
};

function isAddress(
  args: ReadonlyPartialJSONObject
): args is { kind: string; serverId: string; args: Record<string, string> } {
  const rest = args.args;
  return (
    typeof args.kind === 'string' &&
    typeof args.serverId === 'string' &&
    typeof rest === 'object' &&
    rest !== null &&
    !Array.isArray(rest) &&
    Object.values(rest).every(value => typeof value === 'string')
  );
}

/** Puts views into the main area where there is one, and restores them with the layout or from an address. */
export const viewsPlugin: JupyterFrontEndPlugin<IViews> = {
  id: 'jupyter-mlflow:views',
  description: 'Opens MLflow views where the shell allows it.',
  autoStart: true,
  provides: IViews,
  requires: [IUiServices],
  optional: [ILabShell, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    ui: UiServices,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null
  ) => {
    const trans = ui.translator.load(TRANSLATION_DOMAIN);
    const tracker = new WidgetTracker<MainAreaWidget<ViewWidget>>({
      namespace: 'mlflow-views'
    });
    const addresses = new WeakMap<object, ViewAddress>();

    const openTab = (address: ViewAddress, factory: IViewFactory): void => {
      const key = formatAddress(address);
      let widget = tracker.find(open => open.id === `mlflow-view:${key}`);
      if (!widget) {
        const content: ViewWidget = new ViewWidget(ui, () =>
          factory.create(address, {
            setTitle: title => {
              content.title.label = shortTitle(title);
              content.title.caption = title;
            },
            close: () => {
              widget?.close();
            }
          })
        );
        content.title.label = factory.label;
        content.title.icon = factory.icon;
        content.title.closable = true;
        // eslint-disable-next-line jupyter/require-disposable-ownership -- the shell disposes what it is given
        widget = new MainAreaWidget({ content });
        widget.id = `mlflow-view:${key}`;
        addresses.set(widget, address);
        app.shell.add(widget, 'main', { type: 'MLflow' });
        void tracker.add(widget);
      }
      app.shell.activateById(widget.id);
    };

    const hubPrefix = PageConfig.getOption('hubPrefix');
    const views = new Views({
      openTab: labShell ? openTab : null,
      openBrowserTab: url => {
        window.open(url, '_blank', 'noopener');
      },
      shareUrl: address => {
        const base = hubPrefix
          ? URLExt.join(
              window.location.origin,
              hubPrefix,
              'user-redirect',
              'lab'
            )
          : URLExt.join(
              window.location.origin,
              new URL(
                app.serviceManager.serverSettings.baseUrl,
                window.location.href
              ).pathname,
              'lab'
            );
        return `${base}?${new URLSearchParams({ [VIEW_PARAMETER]: formatAddress(address) }).toString()}`;
      }
    });

    app.commands.addCommand(OPEN_VIEW, {
      label: trans.__('Open MLflow View'),
      describedBy: {
        args: {
          type: 'object',
          required: ['kind', 'serverId', 'args'],
          properties: {
            kind: {
              type: 'string',
              description: trans.__('Kind of the view, such as "run"')
            },
            serverId: {
              type: 'string',
              description: trans.__('Id of the tracking server')
            },
            args: {
              type: 'object',
              description: trans.__('Arguments of the view, all text')
            }
          }
        }
      },
      isVisible: () => false,
      execute: args => {
        if (isAddress(args)) {
          views.open({
            kind: args.kind,
            serverId: args.serverId,
            args: args.args
          });
        }
      }
    });

    if (restorer) {
      void restorer.restore(tracker, {
        command: OPEN_VIEW,
        args: widget => {
          const address = addresses.get(widget);
          return address ? { ...address, args: { ...address.args } } : {};
        },
        name: widget => widget.id
      });
    }
    const wanted = new URLSearchParams(window.location.search).get(
      VIEW_PARAMETER
    );
    const address = wanted === null ? null : parseAddress(wanted);
    if (address && labShell) {
      void app.restored.then(() => {
        views.open(address);
      });
    }
    return views;
  }
};
