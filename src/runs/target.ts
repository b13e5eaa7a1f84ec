import { type ISignal, Signal } from '@lumino/signaling';

/** The run that commands without arguments act on. */
export interface TargetRun {
  readonly serverId: string;
  readonly runId: string;
  readonly isDeleted: boolean;
}

/** Which run has the cursor, in whichever list or table was used last. */
export class RunTarget {
  get current(): TargetRun | null {
    return this._current;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  set(target: TargetRun | null): void {
    if (
      target?.runId !== this._current?.runId ||
      target?.serverId !== this._current?.serverId ||
      target?.isDeleted !== this._current?.isDeleted
    ) {
      this._current = target;
      this._changed.emit();
    }
  }

  private _current: TargetRun | null = null;
  private readonly _changed = new Signal<this, void>(this);
}
