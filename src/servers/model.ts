import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import { focusManager, QueryClient } from '@tanstack/react-query';
import { MlflowClient, MlflowError, type ITransport } from '../mlflow';
import { asProblem, type ServersApi } from './api';
import { Presence } from './presence';
import type { Health, ITrackingServers, NewServer, Problem, ServerSuggestion, TrackingServer } from './tokens';

/** A live view asks again after so many times the duration of its last answer. */
const LOAD_FACTOR = 10;
/** A server that comes up, or came down, is asked at this pace. */
const RECOVERY_MS = 2000;
/** A healthy server's health, asked beside the live views. */
const HEALTH_MS = 30_000;

const UNKNOWN: Health = { state: 'unknown', version: null, latency: null, problem: null, lastAnswer: null };

export interface TrackingServersOptions {
  readonly api: ServersApi;
  /** How requests to a server travel. */
  readonly transport: (serverId: string) => ITransport;
  /** The server chosen last time, and where to remember the next choice. */
  readonly remembered: () => Promise<string | null>;
  readonly remember: (id: string) => void;
}

/** The list of tracking servers, the current one and its health. Knows no DOM besides the person's presence. */
export class TrackingServers implements ITrackingServers {
  constructor(private readonly _options: TrackingServersOptions) {
    this._presence.changed.connect(this._onPresence, this);
    this.queryClient.mount();
  }

  readonly queryClient = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 1000,
        gcTime: 5 * 60 * 1000,
        networkMode: 'always',
        retry: (failures, error) =>
          failures < 2 && error instanceof MlflowError && ['unreachable', 'starting', 'rate-limited'].includes(error.kind),
        refetchOnWindowFocus: true
      },
      mutations: { networkMode: 'always' }
    }
  });

  get servers(): ReadonlyArray<TrackingServer> {
    return this._servers;
  }
  get suggestions(): ReadonlyArray<ServerSuggestion> {
    return this._suggestions;
  }
  get current(): TrackingServer | null {
    return this._current;
  }
  get health(): Health {
    return this._health;
  }
  get isLoading(): boolean {
    return this._isLoading;
  }
  get error(): Problem | null {
    return this._error;
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

  activate(): void {
    if (!this._activated) {
      this._activated = true;
      void this.refresh();
    }
  }

  watch(): IDisposable {
    this._watchers++;
    this._schedule(0);
    return new DisposableDelegate(() => {
      this._watchers--;
      this._schedule(0);
    });
  }

  async refresh(): Promise<void> {
    this._set({ isLoading: true });
    try {
      const [list, remembered] = await Promise.all([this._options.api.list(true), this._options.remembered()]);
      if (this._isDisposed) {
        return;
      }
      this._set({ servers: list.servers, suggestions: list.suggestions, error: null, isLoading: false });
      const wanted = [this._current?.id, remembered, list.default, list.servers[0]?.id].find(
        id => id !== undefined && id !== null && list.servers.some(server => server.id === id)
      );
      this._setCurrent(wanted ?? null);
    } catch (reason) {
      this._set({ error: asProblem(reason), isLoading: false });
      this._schedule(RECOVERY_MS);
    }
  }

  select(id: string): void {
    this._options.remember(id);
    this._setCurrent(id);
  }

  async add(server: NewServer): Promise<TrackingServer> {
    const added = await this._options.api.add(server);
    this._set({ servers: [...this._servers.filter(other => other.id !== added.id), added] });
    this.select(added.id);
    void this.refresh();
    return added;
  }

  async remove(id: string): Promise<void> {
    await this._options.api.remove(id);
    this.queryClient.removeQueries({ queryKey: [id] });
    this._clients.delete(id);
    this._set({ servers: this._servers.filter(server => server.id !== id) });
    await this.refresh();
  }

  async start(id: string, options: { migrate?: boolean } = {}): Promise<void> {
    this._replace(await this._options.api.start(id, options.migrate ?? false));
    this._schedule(0);
  }

  async stop(id: string): Promise<void> {
    this._replace(await this._options.api.stop(id));
    this._schedule(0);
  }

  client(serverId: string): MlflowClient {
    let client = this._clients.get(serverId);
    if (!client) {
      client = new MlflowClient(this._options.transport(serverId));
      this._clients.set(serverId, client);
    }
    return client;
  }

  pollInterval(serverId: string, lastAnswerMs: number): number | false {
    if (!this._presence.isPresent) {
      return false;
    }
    const least = this._servers.find(server => server.id === serverId)?.minPollInterval ?? 10_000;
    // Jitter of a tenth keeps many open panels from asking in step.
    return Math.max(least, LOAD_FACTOR * lastAnswerMs) * (1 - 0.1 * Math.random());
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    clearTimeout(this._timer);
    this._pending?.abort();
    this._presence.dispose();
    this.queryClient.unmount();
    this.queryClient.clear();
    Signal.clearData(this);
  }

  private _setCurrent(id: string | null): void {
    const next = this._servers.find(server => server.id === id) ?? null;
    const changed = next?.id !== this._current?.id;
    this._current = next;
    if (changed) {
      this._pending?.abort();
      this._health = next ? { ...UNKNOWN, state: 'connecting' } : UNKNOWN;
      this._currentChanged.emit(next);
      this._schedule(0);
    }
    this._changed.emit();
  }

  private _replace(server: TrackingServer): void {
    this._set({ servers: this._servers.map(other => (other.id === server.id ? server : other)) });
    if (this._current?.id === server.id) {
      this._current = server;
      this._changed.emit();
    }
  }

  private _set(next: {
    servers?: ReadonlyArray<TrackingServer>;
    suggestions?: ReadonlyArray<ServerSuggestion>;
    error?: Problem | null;
    isLoading?: boolean;
  }): void {
    this._servers = next.servers ?? this._servers;
    this._suggestions = next.suggestions ?? this._suggestions;
    this._error = next.error === undefined ? this._error : next.error;
    this._isLoading = next.isLoading ?? this._isLoading;
    this._changed.emit();
  }

  /** Asks for health after `ms`, as long as somebody looks. */
  private _schedule(ms: number): void {
    clearTimeout(this._timer);
    if (this._isDisposed || !this._activated || this._watchers === 0 || !this._presence.isPresent) {
      return;
    }
    this._timer = setTimeout(() => {
      void this._probe();
    }, ms);
  }

  private async _probe(): Promise<void> {
    if (this._error) {
      await this.refresh();
      return;
    }
    const server = this._current;
    if (!server) {
      return;
    }
    this._pending?.abort();
    const mine = (this._pending = new AbortController());
    let next: Health;
    try {
      const answer = await this._options.api.health(server.id, mine.signal);
      const answered = answer.state === 'connected' || answer.state === 'signed-out';
      next = { ...answer, lastAnswer: answered ? Date.now() : this._health.lastAnswer };
    } catch (reason) {
      next = { ...this._health, state: 'failed', problem: asProblem(reason) };
    }
    if (this._pending !== mine || mine.signal.aborted || this._isDisposed) {
      return;
    }
    const recovered = next.state === 'connected' && this._health.state !== 'connected';
    this._health = next;
    this._changed.emit();
    if (recovered) {
      void this.queryClient.invalidateQueries({ queryKey: [server.id] });
    }
    this._schedule(next.state === 'connected' ? HEALTH_MS : RECOVERY_MS);
  }

  private _onPresence(_: Presence, present: boolean): void {
    // Our own copy of TanStack's focus manager: nobody else's queries listen to it.
    focusManager.setFocused(present);
    this._schedule(0);
  }

  private _servers: ReadonlyArray<TrackingServer> = [];
  private _suggestions: ReadonlyArray<ServerSuggestion> = [];
  private _current: TrackingServer | null = null;
  private _health: Health = UNKNOWN;
  private _isLoading = true;
  private _error: Problem | null = null;
  private _activated = false;
  private _isDisposed = false;
  private _watchers = 0;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _pending: AbortController | null = null;
  private readonly _clients = new Map<string, MlflowClient>();
  private readonly _presence = new Presence();
  private readonly _changed = new Signal<this, void>(this);
  private readonly _currentChanged = new Signal<this, TrackingServer | null>(this);
}
