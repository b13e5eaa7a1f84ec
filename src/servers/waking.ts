import type { IDisposable } from '@lumino/disposable';
import type { ITrackingServers, TrackingServer } from './tokens';

/**
 * Wakes stopped local servers: Jupyter starts one when it is first asked for something. Each is woken once; one that the person
 * has started or stopped is left alone.
 */
export class LocalServerWaker implements IDisposable {
  /** @param onEnd - told when the server has answered, or has not. */
  constructor(
    private readonly _servers: ITrackingServers,
    private readonly _onEnd: () => void
  ) {}

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Asks the server for something if it is a local one that is stopped. */
  wake(server: TrackingServer | null): void {
    if (
      server?.kind !== 'local' ||
      server.state !== 'stopped' ||
      this._woken.has(server.id)
    ) {
      return;
    }
    this._woken.add(server.id);
    const mine = (this._waking = new AbortController());
    // Any request but a GET, which another page could make a browser send.
    import('./client')
      .then(({ clientOf }) =>
        clientOf(this._servers, server.id).experiments.search(
          { maxResults: 1 },
          mine.signal
        )
      )
      .catch(() => undefined)
      .finally(this._onEnd);
  }

  /** The person has started or stopped this server. */
  leaveAlone(id: string): void {
    this._woken.add(id);
  }

  /** Another server may get this id. */
  forget(id: string): void {
    this._woken.delete(id);
  }

  dispose(): void {
    this._isDisposed = true;
    this._waking?.abort();
  }

  private _isDisposed = false;
  private _waking: AbortController | null = null;
  private readonly _woken = new Set<string>();
}
