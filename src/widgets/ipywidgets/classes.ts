import {
  DOMWidgetModel,
  DOMWidgetView,
  JupyterLuminoPanelWidget,
  type ExportMap,
  type IBackboneModelOptions
} from '@jupyter-widgets/base';
import type { IMlflowWidgets } from '../tokens';
import { ModelLink } from './link';
import type { LiveModels } from './models';
import {
  type IpywidgetKind,
  WIDGET_CLASSES,
  WIDGETS_MODULE,
  WIDGETS_VERSION
} from './version';

/** What the classes work with: ipywidgets makes their instances, and gives them nothing. */
export interface ClassServices {
  readonly widgets: IMlflowWidgets;
  readonly models: LiveModels;
}

function modelOf(kind: IpywidgetKind, { models }: ClassServices) {
  return class extends DOMWidgetModel {
    override defaults() {
      return {
        ...super.defaults(),
        _model_name: `${WIDGET_CLASSES[kind]}Model`,
        _model_module: WIDGETS_MODULE,
        _model_module_version: WIDGETS_VERSION,
        _view_name: `${WIDGET_CLASSES[kind]}View`,
        _view_module: WIDGETS_MODULE,
        _view_module_version: WIDGETS_VERSION,
        bundle: {},
        selected: [],
        filter: '',
        live: true
      };
    }

    override initialize(
      attributes: Parameters<DOMWidgetModel['initialize']>[0],
      options: IBackboneModelOptions
    ): void {
      super.initialize(attributes, options);
      models.add(this);
    }
  };
}

/** A view inside of other ipywidgets, such as a box; an output of its own is drawn by our MIME renderer. */
function viewOf(kind: IpywidgetKind, { widgets }: ClassServices) {
  return class extends DOMWidgetView {
    // Made by Backbone's constructor, before fields of this class could be.
    declare luminoWidget: JupyterLuminoPanelWidget;
    declare private _link: ModelLink | undefined;

    override _createElement(): HTMLElement {
      this.luminoWidget = new JupyterLuminoPanelWidget({ view: this });
      this.luminoWidget.addClass('jp-mlflow-Output');
      return this.luminoWidget.node;
    }

    override _setElement(element: HTMLElement): void {
      this.el = element;
    }

    override render(): void {
      super.render();
      const widget = widgets.create({
        kind,
        onSelected: ids => this._link?.onSelected(ids),
        onFilter: filter => this._link?.onFilter(filter)
      });
      this._link = new ModelLink(this.model, widget);
      this.luminoWidget.addWidget(widget);
    }

    override remove(): void {
      this._link?.dispose();
      this._link = undefined;
      // ipywidgets may keep this view for as long as its model lives: not what is drawn, too.
      this.el.replaceChildren();
      super.remove();
    }
  };
}

/** Models and views of our ipywidgets, by the names that kernels call them. */
export function widgetClasses(services: ClassServices): ExportMap {
  const exports: ExportMap = {};
  for (const kind of Object.keys(WIDGET_CLASSES) as IpywidgetKind[]) {
    exports[`${WIDGET_CLASSES[kind]}Model`] = modelOf(kind, services);
    exports[`${WIDGET_CLASSES[kind]}View`] = viewOf(kind, services);
  }
  return exports;
}
