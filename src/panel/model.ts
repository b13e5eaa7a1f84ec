import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import type { ITrackingServers } from '../servers';
import { EMPTY_DRAFT, draftOf, type ServerDraft } from '../servers/draft';
import type { EnvironmentJob } from '../servers/environment-job';
import type { IViews } from '../ui/views';
import { isAway } from '../servers/words';

/** What a person asked the panel to show in place of its sections. */
export type PanelPage =
  | { readonly kind: 'add'; readonly draft: ServerDraft }
  | {
      readonly kind: 'edit';
      readonly serverId: string;
      readonly draft: ServerDraft;
    }
  | { readonly kind: 'job' };

/** What the panel shows below its header. */
export type PanelStage =
  | 'view'
  | 'form'
  | 'job'
  | 'loading'
  | 'error'
  | 'welcome'
  | 'server'
  | 'sections';

/** The values of `data-state` at the panel's root. */
export type PanelState = 'loading' | 'ready' | 'empty' | 'error' | 'offline';

/** What is being done to a server that takes a while. */
export type Undertaking = 'stopping' | 'removing' | 'starting';

/** What the panel shows: one of its stages, decided from the servers, the job and what the person asked for. */
export class PanelModel implements IDisposable {
  constructor(
    private readonly _servers: ITrackingServers,
    private readonly _views: IViews,
    readonly job: EnvironmentJob
  ) {
    _servers.changed.connect(this._update, this);
    _views.panelViewChanged.connect(this._update, this);
    job.changed.connect(this._onJob, this);
  }

  get page(): PanelPage | null {
    return this._page;
  }

  /** Whether the card about the current server is open. */
  get areDetailsOpen(): boolean {
    return this._areDetailsOpen;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get stage(): PanelStage {
    const servers = this._servers;
    if (this._views.panelView) {
      return 'view';
    }
    if (this._page) {
      return this._page.kind === 'job' ? 'job' : 'form';
    }
    if (!servers.current) {
      if (this.job.view.phase !== 'idle') {
        return 'job';
      }
      return servers.error
        ? 'error'
        : servers.isLoading
          ? 'loading'
          : 'welcome';
    }
    return this._hasSomethingToShow ? 'sections' : 'server';
  }

  get state(): PanelState {
    const { current, health } = this._servers;
    switch (this.stage) {
      case 'loading':
        return 'loading';
      case 'error':
        return 'error';
      case 'welcome':
        return 'empty';
    }
    if (!current) {
      return 'empty';
    }
    switch (health.state) {
      case 'connected':
        return 'ready';
      case 'failed':
        return health.lastAnswer !== null || isAway(health.problem)
          ? 'offline'
          : 'error';
      case 'signed-out':
        return 'error';
      default:
        return 'loading';
    }
  }

  /** What is being done to this server; null for nothing. */
  undertaking(serverId: string): Undertaking | null {
    return this._undertakings.get(serverId) ?? null;
  }

  /** Notes that something is being done to a server until `work` has ended. */
  async undertake<T>(
    serverId: string,
    what: Undertaking,
    work: Promise<T>
  ): Promise<T> {
    this._undertakings = new Map([...this._undertakings, [serverId, what]]);
    this._update();
    try {
      return await work;
    } finally {
      this._undertakings = new Map(
        [...this._undertakings].filter(([id]) => id !== serverId)
      );
      this._update();
    }
  }

  /** Shows the form for a new server; what was typed into it before is still there. */
  showAdd(): void {
    this._setPage(
      this._page?.kind === 'add'
        ? this._page
        : { kind: 'add', draft: this._draft }
    );
  }

  showEdit(serverId: string): void {
    const server = this._servers.servers.find(each => each.id === serverId);
    if (
      server &&
      !(this._page?.kind === 'edit' && this._page.serverId === serverId)
    ) {
      this._setPage({ kind: 'edit', serverId, draft: draftOf(server) });
    }
  }

  showJob(): void {
    this._setPage({ kind: 'job' });
  }

  /** What the person has typed so far. */
  setDraft(draft: ServerDraft): void {
    if (this._page && this._page.kind !== 'job') {
      this._setPage({ ...this._page, draft });
    }
  }

  /** Back to the sections. A draft of a new server is kept, its secrets are not. */
  closePage(options: { forget?: boolean } = {}): void {
    if (this._page?.kind === 'add') {
      this._draft = options.forget
        ? EMPTY_DRAFT
        : { ...this._page.draft, password: '', token: '' };
    }
    this._setPage(null);
  }

  toggleDetails(open: boolean = !this._areDetailsOpen): void {
    if (open !== this._areDetailsOpen) {
      this._areDetailsOpen = open;
      this._update();
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      Signal.clearData(this);
    }
  }

  /** Sections are worth showing while a server may answer, and after it did: they keep what they have. */
  private get _hasSomethingToShow(): boolean {
    const { current, health } = this._servers;
    if (health.lastAnswer !== null || health.state === 'connected') {
      return true;
    }
    const isUnknown =
      health.state === 'connecting' || health.state === 'unknown';
    return (
      isUnknown && (current?.kind === 'remote' || current?.state === 'ready')
    );
  }

  private _onJob(): void {
    if (this._page?.kind === 'job' && this.job.view.phase === 'idle') {
      this._page = null;
    }
    this._update();
  }

  private _setPage(page: PanelPage | null): void {
    this._page = page;
    this._update();
  }

  private _update(): void {
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  private _page: PanelPage | null = null;
  private _draft = EMPTY_DRAFT;
  private _areDetailsOpen = false;
  private _isDisposed = false;
  private _undertakings: ReadonlyMap<string, Undertaking> = new Map();
  private readonly _changed = new Signal<this, void>(this);
}
