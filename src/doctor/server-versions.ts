import { type ISignal, Signal } from '@lumino/signaling';
import type { ServersApi } from '../servers/api';

/** The versions of servers that kernels log to and the panel does not show. Asked once, of servers in the list only. */
export class ServerVersions {
  constructor(private readonly _api: Pick<ServersApi, 'health'>) {}

  /** By the id of the server; what is not known is not there. */
  get current(): Readonly<Record<string, string>> {
    return this._current;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Asks for one, once until `forget()`; never rejects. */
  want(id: string): void {
    if (this._asked.has(id)) {
      return;
    }
    this._asked.add(id);
    this._api.health(id).then(
      ({ version }) => {
        if (version !== null && this._current[id] !== version) {
          this._current = { ...this._current, [id]: version };
          this._changed.emit();
        }
      },
      // Findings do without.
      () => undefined
    );
  }

  /** Servers may be others by now: asked again when somebody wants them. */
  forget(): void {
    this._asked.clear();
  }

  private _current: Readonly<Record<string, string>> = {};
  private readonly _asked = new Set<string>();
  private readonly _changed = new Signal<this, void>(this);
}
