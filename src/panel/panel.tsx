import { PanelWithToolbar, SidePanel } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import type { AccordionPanel, Widget } from '@lumino/widgets';
import { ServersProvider, type ITrackingServers } from '../servers';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import { mlflowIcon } from '../ui/icons';
import type { IViews } from '../ui/views';
import { ViewWidget } from '../ui/widget';
import { PanelHeader } from './header';
import { panelStage, PanelStage } from './stage';

/** A section of the panel, added by a feature. */
export interface PanelSection {
  readonly id: string;
  readonly title: string;
  readonly rank: number;
  readonly content: () => JSX.Element;
}

export const PANEL_ID = 'jp-mlflow-panel';

/** The "MLflow" side panel: server switcher, then the features' sections, or the one thing to do first. */
export class MlflowPanel extends SidePanel {
  constructor(
    private readonly _ui: UiServices,
    private readonly _servers: ITrackingServers,
    private readonly _views: IViews
  ) {
    super({ translator: _ui.translator });
    const trans = _ui.translator.load(TRANSLATION_DOMAIN);
    this.id = PANEL_ID;
    this.addClass('jp-mlflow-Panel');
    this.title.icon = mlflowIcon;
    this.title.caption = trans.__('MLflow');
    this.title.dataset = { jpTabLabel: trans.__('MLflow') };
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('MLflow'));
    this.node.dataset.mlflowPanel = '';

    this.header.addWidget(this._view(() => <PanelHeader />));
    this._stage = this._view(() => <PanelStage views={this._views} />);
    this._stage.addClass('jp-mlflow-Stage');
    this.header.addWidget(this._stage);

    _servers.changed.connect(this._arrange, this);
    _views.panelViewChanged.connect(this._arrange, this);
    this._arrange();
  }

  /** Adds a section; sections stand in the order of their ranks. */
  addSection(section: PanelSection): void {
    const body = new PanelWithToolbar();
    body.id = `jp-mlflow-section-${section.id}`;
    body.addClass('jp-mlflow-Section');
    body.title.label = section.title;
    body.addWidget(this._view(section.content));
    const index = this._ranks.findIndex(rank => rank > section.rank);
    const at = index === -1 ? this._ranks.length : index;
    this._ranks.splice(at, 0, section.rank);
    this.insertWidget(at, body);
    (this.content as AccordionPanel).expand(at);
  }

  protected override onBeforeShow(msg: Message): void {
    super.onBeforeShow(msg);
    this._servers.activate();
  }

  /** Shows either the sections or the stage: what to do first, or a view drilled into. */
  private _arrange(): void {
    const stage = panelStage(this._servers, this._views);
    this._stage.setHidden(stage === 'sections');
    this.content.setHidden(stage !== 'sections');
    this.node.dataset.state = this._state(stage);
  }

  private _state(stage: ReturnType<typeof panelStage>): string {
    if (stage === 'loading' || stage === 'error' || stage === 'empty') {
      return stage;
    }
    const { state } = this._servers.health;
    if (state === 'connected') {
      return 'ready';
    }
    return state === 'failed' || state === 'signed-out' ? 'offline' : 'loading';
  }

  private _view(content: () => JSX.Element): Widget {
    return new ViewWidget(this._ui, () => <ServersProvider servers={this._servers}>{content()}</ServersProvider>);
  }

  private readonly _stage: Widget;
  private readonly _ranks: number[] = [];
}
