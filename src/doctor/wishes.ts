import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { type ISignal, Signal } from '@lumino/signaling';
import type { DoctorSettings } from './settings.generated';

export type DoctorWishes = Required<DoctorSettings>;

const ANSWERS: ReadonlyArray<unknown> = ['ask', 'always', 'never'];

function isAnswer(value: unknown): value is DoctorWishes['connectKernels'] {
  return ANSWERS.includes(value);
}

/** What the person wants of the doctor; the defaults until the settings are read. */
export class Wishes {
  get current(): DoctorWishes {
    return this._current;
  }

  /** Whether the settings have been read: before, nothing is told to the server. */
  get areRead(): boolean {
    return this._areRead;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** @param values - checked by nobody but the schema. */
  take(values: ReadonlyPartialJSONObject): void {
    const connect = values.connectKernels;
    const experiment = values.experimentForNotebook;
    this._current = {
      followActiveNotebook: values.followActiveNotebook === true,
      connectKernels: isAnswer(connect) ? connect : 'ask',
      experimentForNotebook: isAnswer(experiment) ? experiment : 'ask',
      runTags: values.runTags !== false,
      notifications: values.notifications !== false
    };
    this._areRead = true;
    this._changed.emit();
  }

  private _current: DoctorWishes = {
    followActiveNotebook: false,
    connectKernels: 'ask',
    experimentForNotebook: 'ask',
    runTags: true,
    notifications: true
  };
  private _areRead = false;
  private readonly _changed = new Signal<this, void>(this);
}
