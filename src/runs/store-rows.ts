import { type RunInfo } from '../mlflow';
import { KeyedColumns, NumberColumn, TextColumn } from './store-columns';

/** The tag by which MLflow nests a run under another. */
export const PARENT_TAG = 'mlflow.parentRunId';

/**
 * The values of runs by slot. A slot holds one run from `take` to `free`; which runs a list shows, and in which order,
 * is not known here.
 */
export class RunTable {
  readonly metrics = new KeyedColumns(() => new NumberColumn());
  readonly params = new KeyedColumns(() => new TextColumn());
  readonly tags = new KeyedColumns(() => new TextColumn());

  /** Slots in use or free: an upper bound for arrays by slot. */
  get capacity(): number {
    return this._ids.length;
  }

  /** A slot with the attributes of a run, and no values yet. */
  take(info: RunInfo): number {
    const slot = this._free.pop() ?? this._ids.length;
    this._ids[slot] = info.id;
    this._stamps.set(slot, ++this._stamp);
    this._name.set(slot, info.name);
    this._experiment.set(slot, info.experimentId);
    this._user.set(slot, info.userId);
    this._status.set(slot, info.status);
    this._stage.set(slot, info.lifecycleStage);
    if (info.startTime !== null) {
      this._start.set(slot, info.startTime);
    }
    if (info.endTime !== null) {
      this._end.set(slot, info.endTime);
    }
    return slot;
  }

  free(slot: number): void {
    this._ids[slot] = '';
    for (const column of this._attributes) {
      column.clear(slot);
    }
    this.metrics.clear(slot);
    this.params.clear(slot);
    this.tags.clear(slot);
    this._free.push(slot);
  }

  /** Whether two slots hold the same values. */
  same(a: number, b: number): boolean {
    return (
      this._attributes.every(column => column.same(a, b)) &&
      this.metrics.same(a, b) &&
      this.params.same(a, b) &&
      this.tags.same(a, b)
    );
  }

  /** A number that no other content of any slot has had: views compare it instead of values. */
  stamp(slot: number): number {
    return this._stamps.get(slot) ?? 0;
  }

  id(slot: number): string {
    return this._ids[slot];
  }

  name(slot: number): string {
    return this._name.get(slot) ?? '';
  }

  experimentId(slot: number): string {
    return this._experiment.get(slot) ?? '';
  }

  /** The tag wins: newer servers leave `user_id` empty. */
  user(slot: number): string {
    return (
      this.tags.get('mlflow.user')?.get(slot) ?? this._user.get(slot) ?? ''
    );
  }

  status(slot: number): string {
    return this._status.get(slot) ?? '';
  }

  isDeleted(slot: number): boolean {
    return this._stage.get(slot) === 'deleted';
  }

  /** Milliseconds since the epoch, or null. */
  startTime(slot: number): number | null {
    return this._start.get(slot) ?? null;
  }

  endTime(slot: number): number | null {
    return this._end.get(slot) ?? null;
  }

  source(slot: number): string {
    return this.tags.get('mlflow.source.name')?.get(slot) ?? '';
  }

  parentId(slot: number): string | null {
    return this.tags.get(PARENT_TAG)?.get(slot) ?? null;
  }

  /** A run of MLflow's that has not ended. */
  isOpen(slot: number): boolean {
    const status = this.status(slot);
    return status === 'RUNNING' || status === 'SCHEDULED';
  }

  rename(slot: number, name: string): void {
    this._name.set(slot, name);
    this._stamps.set(slot, ++this._stamp);
  }

  compact(): void {
    for (const column of [
      this._name,
      ...this.params.values(),
      ...this.tags.values()
    ]) {
      column.compact();
    }
  }

  private readonly _ids: string[] = [];
  private readonly _free: number[] = [];
  private readonly _name = new TextColumn();
  private readonly _experiment = new TextColumn();
  private readonly _user = new TextColumn();
  private readonly _status = new TextColumn();
  private readonly _stage = new TextColumn();
  private readonly _start = new NumberColumn();
  private readonly _end = new NumberColumn();
  private readonly _attributes = [
    this._name,
    this._experiment,
    this._user,
    this._status,
    this._stage,
    this._start,
    this._end
  ] as const;
  private readonly _stamps = new NumberColumn();
  private _stamp = 0;
}
