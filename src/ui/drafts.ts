import { type ISignal, Signal } from '@lumino/signaling';
import { useSignalValue } from './signals';

/**
 * What was typed into fields and is not saved yet. Lives beside the view's model, not in React: a panel that is moved
 * unmounts what it shows.
 */
export class Drafts {
  get(field: string): string | null {
    return this._texts.get(field) ?? null;
  }

  /** Keeps texts by their fields; null forgets one. */
  set(texts: Readonly<Record<string, string | null>>): void {
    for (const [field, text] of Object.entries(texts)) {
      if (text === null) {
        this._texts.delete(field);
      } else {
        this._texts.set(field, text);
      }
    }
    this._changed.emit();
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  private readonly _texts = new Map<string, string>();
  private readonly _changed = new Signal<this, void>(this);
}

/** The draft of one field; null without one. */
export function useDraft(drafts: Drafts, field: string): string | null {
  return useSignalValue(drafts.changed, () => drafts.get(field));
}
