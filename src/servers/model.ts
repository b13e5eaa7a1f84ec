import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import type { ITransport } from '../mlflow';
import { MlflowError } from '../mlflow/errors';
import type { ServerList, ServersApi } from './api';
import { HealthMonitor } from './health';
import { Kept } from './kept';
import { ServerListModel } from './list';
import { OWN_MS, pollPause, UNKNOWN_LEAST_MS } from './polling';
import { Presence } from './presence';
import { ServerQueries } from './queries';
import type {
  Health,
  ITrackingServers,
  NewServer,
  Problem,
  QueryHooks,
  ServerChange,
  ServerFeatures,
  ServerSuggestion,
  TrackingServer
} from './tokens';
import { LocalServerWaker } from './waking';

export interface TrackingServersOptions {
  readonly api: Pick<ServersApi, keyof ServersApi>;
  /** How requests to a server travel. */
  readonly transport: (serverId: string) => ITransport;
  /** The server chosen last time, and where to remember the next choice. */
  readonly remembered: () => Promise<string | null>;
  readonly remember: (id: string) => void;
  readonly presence?: Presence;
  /** This panel's place in the jitter of all panels, 0 to 1. */
  readonly spread?: number;
}

/** The list of tracking servers, the current one and its health. Knows no DOM besides the person's presence. */
export class TrackingServers implements ITrackingServers {
  constructor(private readonly _options: TrackingServersOptions) {
    this._spread = _options.spread ?? Math.random();
    this._presence = _options.presence ?? new Presence();
    this._transports = new Kept(_options.transport);
    this._list = new ServerListModel(_options.api);
    this._list.read.connect(this._onList, this);
    this._monitor = new HealthMonitor(
      (id, signal) => _options.api.health(id, signal),
      this._spread
    );
    this._monitor.changed.connect(this._onHealth, this);
    this._presence.changed.connect(this._rouse, this);
    this._queries = new ServerQueries({
      onError: (reason, key) => this._onQueryError(reason, key),
      presenceChanged: this._presence.changed
    });
    this._waker = new LocalServerWaker(this, () => this._monitor.ask());
  }

  get queryClient(): QueryClient | null {
    return this._queries.client;
  }

  get servers(): ReadonlyArray<TrackingServer> {
    return this._list.servers;
  }
  get suggestions(): ReadonlyArray<ServerSuggestion> {
    return this._list.suggestions;
  }
  get current(): TrackingServer | null {
    return this._current;
  }
  get health(): Health {
    return this._monitor.health;
  }
  get isLoading(): boolean {
    return this._list.isLoading;
  }
  get error(): Problem | null {
    return this._list.error;
  }
  get features(): ServerFeatures {
    return this._list.features;
  }
  get rootDir(): string | null {
    return this._list.rootDir;
  }
  get isActivated(): boolean {
    return this._isActivated;
  }
  get changed(): ISignal<this, void> {
    return this._changed;
  }
  get currentChanged(): ISignal<this, TrackingServer | null> {
    return this._currentChanged;
  }
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Milliseconds between two polls of a live view that the person wants at least; 0 leaves it to the server. */
  get leastInterval(): number {
    return this._leastInterval;
  }
  set leastInterval(interval: number) {
    if (interval !== this._leastInterval) {
      this._leastInterval = interval;
      this._changed.emit();
    }
  }

  takeQueryClient(make: (hooks: QueryHooks) => QueryClient): QueryClient {
    return this._queries.take(make);
  }

  activate(): void {
    if (!this._isActivated && !this._isDisposed) {
      this._isActivated = true;
      void this._begin();
    }
  }

  watch(): IDisposable {
    this._watchers++;
    this._rouse();
    return new DisposableDelegate(() => {
      this._watchers--;
      this._rouse();
    });
  }

  async refresh(): Promise<void> {
    await this._list.refresh(true);
    this._monitor.ask();
  }

  probe(): void {
    if (this._list.error) {
      void this._list.refresh(true);
    }
    this._monitor.ask();
  }

  select(id: string): void {
    if (this._list.find(id)) {
      this._options.remember(id);
      this._setCurrent(id);
    }
  }

  async add(server: NewServer): Promise<TrackingServer> {
    const added = await this._options.api.add(server);
    if (!this._isDisposed) {
      this._list.put(added);
      this.select(added.id);
      void this._list.refresh(true);
    }
    return added;
  }

  async update(id: string, change: ServerChange): Promise<TrackingServer> {
    const changed = await this._options.api.update(id, change);
    if (!this._isDisposed) {
      this._replace(changed);
      // Other credentials may see other things.
      this._queries.forgetUnseen(id);
      this._monitor.ask();
      this._queries.refresh(id);
    }
    return changed;
  }

  async remove(id: string): Promise<void> {
    await this._options.api.remove(id);
    if (this._isDisposed) {
      return;
    }
    this._list.drop(id);
    this._setCurrent(this._list.first([]));
    this._queries.forget(id);
    this._transports.forget(id);
    this._waker.forget(id);
    await this._list.refresh(true);
  }

  async start(id: string, options: { migrate?: boolean } = {}): Promise<void> {
    this._waker.leaveAlone(id);
    const started = await this._options.api.start(id, options.migrate ?? false);
    if (!this._isDisposed) {
      this._replace(started);
      if (this._current?.id === id) {
        this._monitor.expectStart();
      }
    }
  }

  async stop(id: string): Promise<void> {
    this._waker.leaveAlone(id);
    const stopped = await this._options.api.stop(id);
    if (!this._isDisposed) {
      this._replace(stopped);
      this._monitor.ask();
    }
  }

  transport(serverId: string): ITransport {
    return this._transports.of(serverId);
  }

  pollInterval(
    serverId: string,
    lastAnswerMs: number,
    isOwn = false
  ): number | false {
    const silent =
      this._current?.id === serverId &&
      ['failed', 'signed-out', 'starting'].includes(this.health.state);
    if (!this._presence.isPresent || this._isDisposed || silent) {
      return false;
    }
    const told = this._list.find(serverId)?.minPollInterval ?? UNKNOWN_LEAST_MS;
    const least = Math.max(
      isOwn ? Math.min(told, OWN_MS) : told,
      this._leastInterval
    );
    return pollPause(least, lastAnswerMs, this._spread);
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._list.dispose();
    this._waker.dispose();
    this._monitor.dispose();
    this._presence.dispose();
    this._queries.dispose();
    Signal.clearData(this);
  }

  private get _isAwake(): boolean {
    return (
      this._isActivated &&
      this._watchers > 0 &&
      this._presence.isPresent &&
      !this._isDisposed
    );
  }

  private async _begin(): Promise<void> {
    this._remembered = await this._options.remembered().catch(() => null);
    if (!this._isDisposed) {
      await this._list.refresh(true);
    }
  }

  private _onList(_: ServerListModel, list: ServerList | null): void {
    if (list) {
      this._setCurrent(
        this._list.first([this._current?.id, this._remembered, list.default])
      );
    } else {
      this._changed.emit();
    }
    this._rouse();
  }

  private _setCurrent(id: string | null): void {
    const next = this._list.find(id);
    const isOther = next?.id !== this._current?.id;
    this._current = next;
    this._monitor.follow(next);
    this._changed.emit();
    if (isOther) {
      this._currentChanged.emit(next);
    }
    this._wake();
  }

  /** Wakes the current server if it is a local one that sleeps. */
  private _wake(): void {
    if (this._isAwake) {
      this._waker.wake(this._current);
    }
  }

  private _replace(server: TrackingServer): void {
    this._list.put(server);
    if (this._current?.id === server.id) {
      this._current = server;
      this._monitor.follow(server);
    }
    this._changed.emit();
  }

  /** Works while somebody looks, sleeps otherwise. */
  private _rouse(): void {
    const awake = this._isAwake;
    this._list.setAwake(awake);
    this._monitor.setAwake(awake);
    this._wake();
  }

  private _onHealth(_: HealthMonitor, before: Health): void {
    const { health } = this;
    this._changed.emit();
    if (
      !this._current ||
      health.state === before.state ||
      health.state === 'connecting'
    ) {
      return;
    }
    if (health.state === 'connected' && before.state !== 'connecting') {
      this._queries.refresh(this._current.id);
    }
    if (this._current.kind === 'local' && before.state !== 'unknown') {
      // Its state, its address and its problem stand in the list.
      void this._list.refresh(false);
    }
  }

  /** A view that gets no answer knows sooner than the next look at the server's health. */
  private _onQueryError(reason: unknown, key: QueryKey): void {
    if (
      reason instanceof MlflowError &&
      ['unreachable', 'unauthenticated', 'starting'].includes(reason.kind) &&
      key[0] === this._current?.id &&
      this.health.state === 'connected'
    ) {
      this._monitor.ask();
    }
  }

  private _current: TrackingServer | null = null;
  private _remembered: string | null = null;
  private _isActivated = false;
  private _isDisposed = false;
  private _watchers = 0;
  private _leastInterval = 0;
  private readonly _queries: ServerQueries;
  private readonly _waker: LocalServerWaker;
  private readonly _transports: Kept<ITransport>;
  private readonly _list: ServerListModel;
  private readonly _spread: number;
  private readonly _presence: Presence;
  private readonly _monitor: HealthMonitor;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _currentChanged = new Signal<this, TrackingServer | null>(
    this
  );
}
