import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import {
  asProblem,
  type ExtensionStatus,
  type ServerList,
  type ServersApi
} from './api';
import type {
  Problem,
  ServerFeatures,
  ServerSuggestion,
  TrackingServer
} from './tokens';

/** While the list cannot be read, it is asked again so often. */
const RECOVERY_MS = 5000;
/** A list older than this is read again when somebody comes back to it. */
const STALE_MS = 60_000;

const ALL_FEATURES: ServerFeatures = Object.freeze({
  localServers: true,
  jobs: true,
  addServers: true
});

/** The servers that the Jupyter server knows, as it told last. Of several readings the latest wins. */
export class ServerListModel implements IDisposable {
  constructor(private readonly _api: Pick<ServersApi, 'list' | 'status'>) {}

  get servers(): ReadonlyArray<TrackingServer> {
    return this._servers;
  }
  get suggestions(): ReadonlyArray<ServerSuggestion> {
    return this._suggestions;
  }
  /** True until the first reading has ended. */
  get isLoading(): boolean {
    return this._isLoading;
  }
  /** Why the last reading failed. */
  get error(): Problem | null {
    return this._error;
  }
  get features(): ServerFeatures {
    return this._status?.features ?? ALL_FEATURES;
  }
  get rootDir(): string | null {
    return this._status?.rootDir ?? null;
  }
  /** Whether it is old and nobody reads it anew. */
  get isStale(): boolean {
    return (
      this._reading === null &&
      this._readAt !== null &&
      Date.now() - this._readAt > STALE_MS
    );
  }
  /** A reading has ended: with the list, or with null and an `error`. */
  get read(): ISignal<this, ServerList | null> {
    return this._read;
  }
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  find(id: unknown): TrackingServer | null {
    return this._servers.find(server => server.id === id) ?? null;
  }

  /** The first of these ids that is in the list, else the list's first. */
  first(wanted: ReadonlyArray<string | null | undefined>): string | null {
    const known = wanted.find(id => this.find(id) !== null);
    return known ?? this._servers.at(0)?.id ?? null;
  }

  /** Reads anew what is old or could not be read, while somebody looks. */
  setAwake(awake: boolean): void {
    clearTimeout(this._timer);
    if (awake && this._error) {
      this._timer = setTimeout(() => {
        void this.refresh(true);
      }, RECOVERY_MS);
    } else if (awake && this.isStale) {
      void this.refresh(true);
    }
  }

  /** Adds a server or replaces its description, without asking. */
  put(server: TrackingServer): void {
    this._servers = this.find(server.id)
      ? this._servers.map(other => (other.id === server.id ? server : other))
      : [...this._servers, server];
  }

  drop(id: string): void {
    this._servers = this._servers.filter(server => server.id !== id);
  }

  /** @param discover - also look around for stores and servers. */
  async refresh(discover: boolean): Promise<void> {
    this._reading?.abort();
    const mine = (this._reading = new AbortController());
    let list: ServerList | null = null;
    let error: Problem | null = null;
    let status = this._status;
    try {
      [list, status] = await Promise.all([
        this._api.list(discover, mine.signal),
        status ?? this._api.status(mine.signal)
      ]);
    } catch (reason) {
      error = asProblem(reason);
    }
    if (this._reading !== mine) {
      return;
    }
    this._reading = null;
    this._status = status;
    this._error = error;
    this._isLoading = false;
    if (list) {
      this._readAt = Date.now();
      this._servers = list.servers;
      this._suggestions = discover ? list.suggestions : this._suggestions;
    }
    this._read.emit(list);
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      clearTimeout(this._timer);
      this._reading?.abort();
      this._reading = null;
      Signal.clearData(this);
    }
  }

  private _servers: ReadonlyArray<TrackingServer> = [];
  private _suggestions: ReadonlyArray<ServerSuggestion> = [];
  private _status: ExtensionStatus | null = null;
  private _isLoading = true;
  private _error: Problem | null = null;
  private _readAt: number | null = null;
  private _reading: AbortController | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
  private readonly _read = new Signal<this, ServerList | null>(this);
}
