import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import { ApiError, asProblem } from '../servers/request';
import type { Problem } from '../servers/tokens';
import type { Recording } from './answers';
import type { RecorderApi, Rule, Scope } from './api';
import { isDeletion, type RecorderEvent } from './events';
import { Reader } from './reader';

/** What is known of a notebook's recording; replaced, never changed. */
export interface RecordingView {
  /** `off`: the administrator has turned the recorder off, or there is none. */
  readonly state: 'loading' | 'known' | 'off' | 'failed';
  /** The last answer. */
  readonly recording: Recording | null;
  /** Why the last wish or reading failed. */
  readonly problem: Problem | null;
}

const LOADING: RecordingView = {
  state: 'loading',
  recording: null,
  problem: null
};

/** Whether, and how, one notebook is recorded. The Jupyter server's record is the truth; this reads and asks. */
export class NotebookRecording implements IDisposable {
  /** @param _path - of the notebook, now. */
  constructor(
    private readonly _api: Pick<
      RecorderApi,
      'recording' | 'setRule' | 'forgetRule' | 'setPaused' | 'setOffered'
    >,
    private readonly _path: () => string
  ) {}

  get view(): RecordingView {
    return this._view;
  }

  get changed(): ISignal<this, RecordingView> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Reads it anew; of several readings the last one asked for wins. Never rejects. */
  load(): Promise<void> {
    return this._take(this._api.recording(this._path()), false);
  }

  /** Answers the two questions. @returns whether that was accepted. */
  async choose(scope: Scope, rule: Rule): Promise<boolean> {
    await this._take(this._api.setRule(this._path(), scope, rule), true);
    return this._view.problem === null;
  }

  /** Takes a rule away: what is wider holds again. */
  async forgetRule(scope: Scope): Promise<boolean> {
    await this._take(this._api.forgetRule(this._path(), scope), true);
    return this._view.problem === null;
  }

  /** At once, also in the midst of a cell. */
  pause(paused: boolean): Promise<void> {
    return this._take(this._api.setPaused(this._path(), paused), true);
  }

  /** The person has answered the one offer. */
  answerOffer(): Promise<void> {
    return this._take(this._api.setOffered(this._path()), true);
  }

  /** Something was told on Jupyter's event bus. */
  hear(event: RecorderEvent): void {
    const { recording } = this._view;
    const isOurs =
      event.kind === 'recording'
        ? event.of.path === this._path() || event.of.path === ''
        : recording !== null &&
          recording.send !== 'nothing' &&
          (isDeletion(event, recording.notebook_id) ||
            (event.of.notebook_id === recording.notebook_id &&
              event.of.status !== 'running'));
    if (isOurs && !this._isDisposed) {
      void this._reader.stale();
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      Signal.clearData(this);
    }
  }

  private async _take(
    answer: Promise<Recording>,
    isWish: boolean
  ): Promise<void> {
    const asked = ++this._asked;
    try {
      const recording = await answer;
      if (asked === this._asked) {
        this._set({ state: 'known', recording, problem: null });
      }
    } catch (reason) {
      if (asked !== this._asked) {
        return;
      }
      if (!isWish && reason instanceof ApiError && isOff(reason)) {
        this._set({ state: 'off', recording: null, problem: null });
      } else {
        const { recording } = this._view;
        this._set({
          state: recording === null ? 'failed' : 'known',
          recording,
          problem: asProblem(reason)
        });
      }
    }
  }

  private _set(view: RecordingView): void {
    if (!this._isDisposed) {
      this._view = view;
      this._changed.emit(view);
    }
  }

  private _isDisposed = false;
  private _asked = 0;
  private _view = LOADING;
  private readonly _reader = new Reader(() =>
    this._isDisposed ? Promise.resolve() : this.load()
  );
  private readonly _changed = new Signal<this, RecordingView>(this);
}

function isOff({ problem }: ApiError): boolean {
  return (
    problem.code === 'feature-off' ||
    problem.code === 'server-extension-missing'
  );
}
