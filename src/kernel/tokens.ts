import type { ISessionContext } from '@jupyterlab/apputils';
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { KernelReport } from './report';

/**
 * What is known of a kernel.
 *
 * - `none`: there is no kernel.
 * - `asking`: the first answer has not come yet.
 * - `known`: the kernel has answered, and nothing has changed since that we know of.
 * - `unknown`: it could not be asked (see `reason`). Never the same as "MLflow is missing".
 * - `foreign`: not a Python kernel, or one that we cannot speak with by its nature; nothing is offered.
 * - `off`: the administrator has turned this off.
 */
export type KernelState =
  'none' | 'asking' | 'known' | 'unknown' | 'foreign' | 'off';

/** Why a kernel could not be asked. */
export type UnknownReason =
  | 'busy'
  | 'timeout'
  | 'aborted'
  | 'dead'
  | 'restarting'
  | 'refused'
  | 'shim-failed'
  | 'unreachable';

/** The environment of one kernel, as the kernel itself reports it. Replaced, never mutated. */
export interface KernelEnvironment {
  /** Of the notebook, from Jupyter's root; the console's path otherwise. */
  readonly path: string;
  readonly kernelId: string | null;
  readonly state: KernelState;
  readonly reason: UnknownReason | null;
  /** The last report; while `unknown`, that of before. */
  readonly report: KernelReport | null;
}

/** What follows the kernel of one notebook or console. */
export interface IKernelWatch extends IDisposable {
  readonly environment: KernelEnvironment;
  readonly changed: ISignal<IKernelWatch, KernelEnvironment>;
  /**
   * Asks the kernel again; resolves with what is known then, and never rejects.
   *
   * @param modules - outermost ones, 20 at most: its reports tell from now on whether an import would find them.
   */
  probe(modules?: ReadonlyArray<string>): Promise<KernelEnvironment>;
}

/** The environments of the kernels of open notebooks and consoles. Asks on kernel ready, change and restart; never polls. */
export interface IKernelEnvironments extends IDisposable {
  /** Of the active notebook or console; null where neither is. */
  readonly current: IKernelWatch | null;
  readonly currentChanged: ISignal<IKernelEnvironments, IKernelWatch | null>;
  /** Of this session context: the same watch for the same context, disposed with it. */
  of(context: ISessionContext): IKernelWatch;
}

export const IKernelEnvironments = new Token<IKernelEnvironments>(
  'jupyter-mlflow:IKernelEnvironments',
  'What the kernels of open notebooks and consoles report of their environments.'
);
