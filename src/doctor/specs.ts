import type { ServerConnection } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';
import * as v from 'valibot';
import { RouteClient } from '../servers/request';
import type { KernelspecFacts } from './tokens';

const text = v.nullable(v.string());

const listSchema = v.object({
  kernelspecs: v.array(
    v.pipe(
      v.object({
        name: v.string(),
        display_name: v.string(),
        language: v.string(),
        argv: v.array(v.string()),
        resource_dir: v.string(),
        executable: text,
        prefix: text,
        problem: text,
        mlflow: text,
        python: text
      }),
      v.transform(
        ({ display_name, resource_dir, ...rest }): KernelspecFacts => ({
          ...rest,
          displayName: display_name,
          resourceDir: resource_dir
        })
      )
    )
  )
});

/** What is known of other kernels. Asks only where a kernel is found wanting: every interpreter is run for it. */
export class Kernelspecs extends RouteClient {
  /** @param others - tells that Jupyter has other kernelspecs than before. */
  constructor(
    settings: ServerConnection.ISettings,
    others: ISignal<unknown, unknown>
  ) {
    super(settings);
    others.connect(() => {
      if (this._isWanted) {
        this.forget();
        this.want();
      }
    });
  }

  /** Null until somebody wanted them, and where they cannot be had. */
  get current(): ReadonlyArray<KernelspecFacts> | null {
    return this._current;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Reads them, once until `forget()`; never rejects. */
  want(): void {
    if (!this._isWanted) {
      this._isWanted = true;
      const mine = ++this._readings;
      this.request(listSchema, 'GET', 'environments').then(
        ({ kernelspecs }) => {
          if (mine === this._readings) {
            this._current = kernelspecs;
            this._changed.emit();
          }
        },
        () => {
          if (mine === this._readings) {
            // Findings do without; asked again with the next check.
            this._isWanted = false;
          }
        }
      );
    }
  }

  /** They may be others by now: read again when somebody wants them. */
  forget(): void {
    this._isWanted = false;
  }

  private _isWanted = false;
  /** How often they were asked for: only the last answer counts. */
  private _readings = 0;
  private _current: ReadonlyArray<KernelspecFacts> | null = null;
  private readonly _changed = new Signal<this, void>(this);
}
