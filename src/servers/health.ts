import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import { asProblem } from './api';
import { healthPause } from './polling';
import type { Health, TrackingServer } from './tokens';

/** One look at a server. */
export type ProbeAnswer = Omit<Health, 'lastAnswer'>;

export const UNKNOWN_HEALTH: Health = Object.freeze({
  state: 'unknown',
  version: null,
  latency: null,
  problem: null,
  lastAnswer: null
});

/** Asks one server again and again how it is, while awake. The latest question wins; the others are aborted. */
export class HealthMonitor implements IDisposable {
  /**
   * @param _probe - asks a server; what it throws becomes the health's problem.
   * @param _spread - this panel's place in the jitter of all panels, 0 to 1.
   */
  constructor(
    private readonly _probe: (
      serverId: string,
      signal: AbortSignal
    ) => Promise<ProbeAnswer>,
    private readonly _spread: number
  ) {}

  get health(): Health {
    return this._health;
  }

  /** The health is another one; the argument is the one before. */
  get changed(): ISignal<this, Health> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Looks after this server from now on; null after none. A new description of the same server changes nothing. */
  follow(server: TrackingServer | null): void {
    const same = server !== null && server.id === this._server?.id;
    this._server = server;
    if (same) {
      return;
    }
    this._stop();
    this._failures = 0;
    this._set(
      server ? { ...UNKNOWN_HEALTH, state: 'connecting' } : UNKNOWN_HEALTH
    );
    this.ask();
  }

  /** Awake, it asks at once and then again and again; asleep, it asks nothing. */
  setAwake(awake: boolean): void {
    if (awake === this._awake) {
      return;
    }
    this._awake = awake;
    if (awake) {
      this.ask();
    } else {
      this._stop();
    }
  }

  /** Asks now, if awake. */
  ask(): void {
    clearTimeout(this._timer);
    if (this._awake && this._server && !this._isDisposed) {
      void this._look(this._server);
    }
  }

  /** What is known from elsewhere: a local server was just started. Asks soon. */
  expectStart(): void {
    this._failures = 0;
    this._set({ ...this._health, state: 'starting', problem: null });
    this._stop();
    this._schedule();
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._stop();
      Signal.clearData(this);
    }
  }

  private async _look(server: TrackingServer): Promise<void> {
    this._pending?.abort();
    const mine = (this._pending = new AbortController());
    let next: Health;
    try {
      const answer = await this._probe(server.id, mine.signal);
      const answered = answer.state === 'connected';
      next = {
        ...answer,
        lastAnswer: answered ? Date.now() : this._health.lastAnswer
      };
    } catch (reason) {
      next = {
        ...this._health,
        state: 'failed',
        latency: null,
        problem: asProblem(reason)
      };
    }
    if (this._pending !== mine || mine.signal.aborted) {
      return;
    }
    this._pending = null;
    this._failures =
      next.state === 'connected' || next.state === 'starting'
        ? 0
        : this._failures + 1;
    this._set({ ...next, version: next.version ?? this._health.version });
    this._schedule();
  }

  private _schedule(): void {
    clearTimeout(this._timer);
    if (this._awake && this._server && !this._isDisposed) {
      const pause = healthPause(
        this._health.state,
        this._server,
        this._failures,
        this._spread
      );
      this._timer = setTimeout(() => {
        this.ask();
      }, pause);
    }
  }

  private _stop(): void {
    clearTimeout(this._timer);
    this._pending?.abort();
    this._pending = null;
  }

  private _set(next: Health): void {
    const before = this._health;
    this._health = next;
    this._changed.emit(before);
  }

  private _server: TrackingServer | null = null;
  private _health: Health = UNKNOWN_HEALTH;
  private _awake = false;
  private _failures = 0;
  private _isDisposed = false;
  private _pending: AbortController | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private readonly _changed = new Signal<this, Health>(this);
}
