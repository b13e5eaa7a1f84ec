import { PanelWithToolbar, SidePanel } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import { MessageLoop, type Message } from '@lumino/messaging';
import { AccordionPanel, PanelLayout, Widget } from '@lumino/widgets';
import { type ComponentType, Suspense } from 'react';
import { lateView } from '../servers/late';
import type { ITrackingServers } from '../servers/tokens';
import { ErrorBoundary } from '../ui/boundary';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import { mlflowIcon } from '../ui/icons';
import { LoadingState } from '../ui/states';
import type { IViews } from '../ui/views';
import { ViewWidget } from '../ui/widget';
import type { SectionPlace } from './layout';
import type { PanelModel } from './model';

/** A section of the panel, added by a feature. */
export interface PanelSection {
  readonly id: string;
  readonly title: string;
  readonly rank: number;
  /** Imports what is drawn, when the section is first shown; the panel draws placeholder lines meanwhile. */
  readonly load: () => Promise<ComponentType>;
  /** Its part of the height beside the other sections' until the person drags it. */
  readonly size?: number;
  /** Closed until the person opens it, so that the others have the room. */
  readonly isClosed?: boolean;
  /** Buttons at the right of its title. */
  readonly toolbar?: ReadonlyArray<{
    readonly name: string;
    readonly widget: Widget;
  }>;
}

/** Something above the content of another feature's section, such as how the kernel of the notebook is. */
export interface SectionHead {
  /** Id of the section. */
  readonly section: string;
  /** Imports what is drawn, when the section is first shown. It may draw nothing. */
  readonly load: () => Promise<ComponentType>;
}

/** Parts of the height: there are more runs than experiments. */
const DEFAULT_SIZES: Readonly<Record<string, number | undefined>> = {
  experiments: 3,
  runs: 4
};

export const PANEL_ID = 'jp-mlflow-panel';

/** The "MLflow" side panel: server switcher, then the features' sections, or the one thing to do first. */
export class MlflowPanel extends SidePanel {
  constructor(
    private readonly _ui: UiServices,
    private readonly _servers: ITrackingServers,
    _views: IViews,
    private readonly _model: PanelModel
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
    this.content.node.setAttribute(
      'aria-label',
      trans.__('Experiments and runs')
    );

    // What is drawn here is not needed before the panel is first shown.
    const Header = lateView(
      _servers,
      async () => (await import('./header')).PanelHeader
    );
    const Stage = lateView(
      _servers,
      async () => (await import('./stage')).PanelStage
    );
    this.header.addWidget(this._view(() => <Header model={_model} />));
    this._stage = this._view(() => <Stage model={_model} views={_views} />);
    this._stage.addClass('jp-mlflow-Stage');
    if (this.layout instanceof PanelLayout) {
      this.layout.addWidget(this._stage);
    }

    // The header grows and shrinks by itself; the accordion below has to be told that its room is another.
    this._headerSize = new ResizeObserver(() => {
      if (this.content.isVisible) {
        MessageLoop.postMessage(this.content, Widget.ResizeMessage.UnknownSize);
      }
    });
    this._headerSize.observe(this.header.node);

    _servers.changed.connect(this._arrange, this);
    _model.changed.connect(this._arrange, this);
    this._arrange();
  }

  /** The accordion of sections. */
  get accordion(): AccordionPanel {
    if (!(this.content instanceof AccordionPanel)) {
      throw new Error('A side panel has an accordion');
    }
    return this.content;
  }

  /** The sections from top to bottom, with the part of the height each asks for. */
  get sections(): ReadonlyArray<SectionPlace> {
    return this._sections;
  }

  /** Adds a section; sections stand in the order of their ranks. */
  addSection(section: PanelSection): void {
    const body = new PanelWithToolbar();
    body.id = `jp-mlflow-section-${section.id}`;
    body.addClass('jp-mlflow-Section');
    body.title.label = section.title;
    for (const { name, widget } of section.toolbar ?? []) {
      body.toolbar.addItem(name, widget);
    }
    const trans = this._ui.translator.load(TRANSLATION_DOMAIN);
    const loading = (
      <LoadingState label={trans.__('Loading “%1”', section.title)} />
    );
    const Content = lateView(this._servers, section.load);
    const view = this._view(
      () => this._withHeads(section.id, <Content />),
      loading
    );
    this._views.set(section.id, view);
    body.addWidget(view);
    const index = this._sections.findIndex(({ rank }) => rank > section.rank);
    const at = index === -1 ? this._sections.length : index;
    this._sections.splice(at, 0, {
      id: section.id,
      rank: section.rank,
      size: section.size ?? DEFAULT_SIZES[section.id] ?? 1,
      isClosed: section.isClosed ?? false
    });
    this.insertWidget(at, body);
    if (!section.isClosed) {
      this.accordion.expand(at);
    }
  }

  /** Adds something above the content of a section. */
  addHead({ section, load }: SectionHead): void {
    const heads = this._heads.get(section) ?? [];
    this._heads.set(section, [...heads, lateView(this._servers, load)]);
    this._views.get(section)?.update();
  }

  override dispose(): void {
    this._watching?.dispose();
    this._headerSize.disconnect();
    super.dispose();
  }

  protected override onBeforeShow(msg: Message): void {
    super.onBeforeShow(msg);
    this._servers.activate();
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._followJob();
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this._followJob();
  }

  protected override onAfterHide(msg: Message): void {
    super.onAfterHide(msg);
    this._followJob();
  }

  protected override onAfterDetach(msg: Message): void {
    super.onAfterDetach(msg);
    this._followJob();
  }

  private _followJob(): void {
    if (this.isVisible && !this._watching) {
      this._watching = this._model.job.watch();
    } else if (!this.isVisible) {
      this._watching?.dispose();
      this._watching = null;
    }
  }

  /** Shows either the sections or the stage: what to do first, or a view drilled into. */
  private _arrange(): void {
    const { stage } = this._model;
    this._stage.setHidden(stage === 'sections');
    this.content.setHidden(stage !== 'sections');
    this.header.setHidden(this._servers.current === null);
    this.node.dataset.state = this._model.state;
  }

  private _withHeads(section: string, content: JSX.Element): JSX.Element {
    const heads = this._heads.get(section) ?? [];
    return heads.length === 0 ? (
      content
    ) : (
      <div className="jp-mlflow-Section-stack">
        {heads.map((Head, at) => (
          <ErrorBoundary key={at}>
            <Suspense fallback={null}>
              <Head />
            </Suspense>
          </ErrorBoundary>
        ))}
        <div className="jp-mlflow-Section-rest">{content}</div>
      </div>
    );
  }

  private _view(
    content: () => JSX.Element,
    loading: JSX.Element | null = null
  ): Widget {
    return new ViewWidget(this._ui, () => (
      <ErrorBoundary>
        <Suspense fallback={loading}>{content()}</Suspense>
      </ErrorBoundary>
    ));
  }

  private readonly _stage: Widget;
  private readonly _headerSize: ResizeObserver;
  private _watching: IDisposable | null = null;
  private readonly _views = new Map<string, Widget>();
  private readonly _heads = new Map<string, ReadonlyArray<ComponentType>>();
  private readonly _sections: Array<SectionPlace & { rank: number }> = [];
}
