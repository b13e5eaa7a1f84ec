import { type ViewType } from '../mlflow';

/** What a listing of runs is ordered by, in the words of MLflow's `order_by`. */
export interface RunOrder {
  /** Such as `attributes.start_time` or `metrics.\`loss\``: quoted already. */
  readonly by: string;
  readonly descending: boolean;
}

/** Which runs, in which order. */
export interface RunQuery {
  readonly experimentIds: ReadonlyArray<string>;
  /** MLflow's filter grammar; empty for all. */
  readonly filter: string;
  /** Null is the newest first. */
  readonly order: RunOrder | null;
  readonly viewType: ViewType;
}
