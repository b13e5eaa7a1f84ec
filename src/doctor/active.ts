import { type ISignal, Signal } from '@lumino/signaling';
import type { IKernelEnvironments } from '../kernel/tokens';
import type { DoctorServices } from './context';

/** The notebook or console in use, for what is shown of it apart from it. */
export class ActiveDoctor {
  constructor(
    private readonly _environments: Pick<
      IKernelEnvironments,
      'current' | 'currentChanged'
    >
  ) {
    _environments.currentChanged.connect(this._read, this);
  }

  /** Null where neither is open, and until it is looked after. */
  get current(): DoctorServices | null {
    return this._current;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Something is looked after from now on. */
  add(services: DoctorServices): void {
    this._all.add(services);
    this._read();
  }

  /** It was closed. */
  remove(services: DoctorServices): void {
    this._all.delete(services);
    this._read();
  }

  private _read(): void {
    const { current } = this._environments;
    const next =
      [...this._all].find(({ doctor }) => doctor.watch === current) ?? null;
    if (next !== this._current) {
      this._current = next;
      this._changed.emit();
    }
  }

  private _current: DoctorServices | null = null;
  private readonly _all = new Set<DoctorServices>();
  private readonly _changed = new Signal<this, void>(this);
}
