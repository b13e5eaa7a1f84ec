import type { TraitModel } from '../models';

interface Listening {
  readonly event: string;
  readonly listener: () => void;
  readonly context: object | null;
}

/** A model without a page and a kernel, which remembers what it would have sent. */
export class FakeModel implements TraitModel {
  constructor(
    readonly model_id: string,
    private readonly _traits: Record<string, unknown> = {}
  ) {}

  comm_live = true;
  readonly sent: Array<Record<string, unknown>> = [];

  get listeners(): number {
    return this._listening.length;
  }

  get(trait: string): unknown {
    return this._traits[trait];
  }

  set(trait: string, value: unknown): void {
    if (JSON.stringify(this._traits[trait]) !== JSON.stringify(value)) {
      this._traits[trait] = value;
      this._unsent[trait] = value;
      this.trigger(`change:${trait}`);
    }
  }

  save_changes(): void {
    if (!this.comm_live) {
      throw new Error('no comm');
    }
    if (Object.keys(this._unsent).length > 0) {
      this.sent.push(this._unsent);
      this._unsent = {};
    }
  }

  on(event: string, listener: () => void, context: object): void {
    this._listening = [...this._listening, { event, listener, context }];
  }

  off(_: null, __: null, context: object): void {
    this._listening = this._listening.filter(each => each.context !== context);
  }

  trigger(event: string): void {
    for (const each of this._listening) {
      if (each.event === event) {
        each.listener();
      }
    }
  }

  private _unsent: Record<string, unknown> = {};
  private _listening: ReadonlyArray<Listening> = [];
}
