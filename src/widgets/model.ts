import { type ISignal, Signal } from '@lumino/signaling';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { isSameQuestion } from './later';
import type { MlflowWidgetOptions, WidgetKind, WidgetLayers } from './tokens';

/** What is shown, as it came. */
export interface Shown {
  /** The content of the kind's MIME type: unknown until it was decoded. */
  readonly json: unknown;
  readonly isTrusted: boolean;
}

/** The state of one output that is drawn: kept while it is drawn, moved and drawn again. */
export class WidgetModel {
  constructor(
    private readonly _options: MlflowWidgetOptions & {
      /** Whether it stands in the main area, and not in an output. */
      readonly isView?: boolean;
    }
  ) {}

  get kind(): WidgetKind {
    return this._options.kind;
  }

  get isView(): boolean {
    return this._options.isView === true;
  }

  get shown(): Shown {
    return this._shown;
  }

  /** Whether polls are wanted. */
  get isLive(): boolean {
    return this._isLive;
  }

  /** Whether it is in sight. */
  get isVisible(): boolean {
    return this._isVisible;
  }

  /** The ids of the runs that are ticked. */
  get selected(): ReadonlySet<string> {
    return this._selected;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** How a view of this question is looked at: filter, columns, axes. Undefined until somebody changed it. */
  look<T>(name: string): T | undefined {
    return this._looks.get(name) as T | undefined;
  }

  setLook(name: string, look: object): void {
    this._looks.set(name, look);
    this._changed.emit();
  }

  setContent(json: unknown, isTrusted: boolean): void {
    if (json === this._shown.json && isTrusted === this._shown.isTrusted) {
      return;
    }
    if (!isSameQuestion(json, this._shown.json)) {
      this._looks.clear();
      this._selected = new Set();
    }
    this._shown = { json, isTrusted };
    this._changed.emit();
  }

  setLive(isLive: boolean): void {
    if (isLive !== this._isLive) {
      this._isLive = isLive;
      this._changed.emit();
    }
  }

  setVisible(isVisible: boolean): void {
    if (isVisible !== this._isVisible) {
      this._isVisible = isVisible;
      this._changed.emit();
    }
  }

  /** Ticks these runs. @param isTold - whether the person did it, whom the kernel listens to. */
  select(runIds: Iterable<string>, isTold: boolean): void {
    const selected = new Set(runIds);
    const same =
      selected.size === this._selected.size &&
      [...selected].every(id => this._selected.has(id));
    if (!same) {
      this._selected = selected;
      this._changed.emit();
      if (isTold) {
        this._options.onSelected?.([...selected]);
      }
    }
  }

  filter(filter: string): void {
    this._options.onFilter?.(filter);
  }

  /** Whether a snapshot would be kept. */
  get canKeep(): boolean {
    return this._options.onLayers !== undefined;
  }

  /** Gives layers that are worth keeping to whoever keeps them; once for each content. */
  keep(json: unknown, layers: WidgetLayers): void {
    if (json === this._shown.json && this._kept !== json) {
      this._kept = json;
      this._options.onLayers?.(layers);
    }
  }

  dispose(): void {
    Signal.clearData(this);
  }

  private _shown: Shown = { json: undefined, isTrusted: false };
  private _isLive = true;
  private _isVisible = false;
  private _selected: ReadonlySet<string> = new Set();
  private _kept: unknown = undefined;
  private readonly _looks = new Map<string, object>();
  private readonly _changed = new Signal<this, void>(this);
}

/** The content as an object whose other fields stay as they were written. */
export function asObject(json: unknown): ReadonlyPartialJSONObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
    ? (json as ReadonlyPartialJSONObject)
    : {};
}
