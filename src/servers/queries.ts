import type { IDisposable } from '@lumino/disposable';
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import type { QueryHooks } from './tokens';

/** The cache of what tracking servers tell, once somebody has had it made; before that there is nothing in it. */
export class ServerQueries implements IDisposable {
  constructor(private readonly _hooks: QueryHooks) {}

  get client(): QueryClient | null {
    return this._client;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Has the cache made if there is none. */
  take(make: (hooks: QueryHooks) => QueryClient): QueryClient {
    return (this._client ??= make(this._hooks));
  }

  /** What is shown of a server is asked for again. */
  refresh(id: string): void {
    void this._client?.invalidateQueries({ queryKey: keyOf(id) });
  }

  /** Forgets what nobody shows of a server. */
  forgetUnseen(id: string): void {
    this._client?.removeQueries({ queryKey: keyOf(id), type: 'inactive' });
  }

  /** Forgets all of a server. */
  forget(id: string): void {
    void this._client?.cancelQueries({ queryKey: keyOf(id) });
    this._client?.removeQueries({ queryKey: keyOf(id) });
  }

  dispose(): void {
    this._isDisposed = true;
    this._client?.unmount();
    this._client?.clear();
  }

  private _client: QueryClient | null = null;
  private _isDisposed = false;
}

/** Keys begin with the server's id. */
function keyOf(id: string): QueryKey {
  return [id];
}
