import type { ISessionContext } from '@jupyterlab/apputils';
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import type { JobOrder } from '../jobs/tokens';
import type { IKernelWatch } from '../kernel/tokens';

/** Where running jobs are remembered, so that a reload finds them again. */
export const JOBS_KEY = 'jupyter-mlflow:jobs';

/** What an action is for: a notebook or a console, and what follows its kernel. */
export interface KernelHolder {
  readonly watch: IKernelWatch;
  readonly context: ISessionContext;
  /** Of the notebook, from Jupyter's root; null for a console. */
  readonly notebook: string | null;
}

/** What is filled in when the wizard opens. */
export interface EnvironmentWish {
  /** Path of the interpreter that it is made with; one that fits, if not given. */
  readonly python?: string;
  /** Null: the newest. */
  readonly mlflow: string | null;
  readonly packages: ReadonlyArray<string>;
}

/** Jobs that are shown in a dialog with one sentence about what they are for. */
export type ShownOrder = Exclude<JobOrder, { kind: 'create-environment' }>;

/** What is done to environments and kernels, each in a dialog of its own; errors are shown there, nothing rejects. */
export interface IEnvironmentActions {
  /** Opens the wizard. */
  create(wish: EnvironmentWish | null, on: KernelHolder | null): Promise<void>;
  /**
   * Does a job and shows it; asks the kernel again at its end.
   *
   * @param label - what it is about: packages, a kernel's name, a folder.
   * @param module - what is to be importable afterwards; MLflow if not given.
   */
  run(
    order: ShownOrder,
    label: string,
    on: KernelHolder | null,
    module?: string
  ): Promise<void>;
  /** Lets the person choose another kernel. @param name - the one that is proposed. */
  switchKernel(name: string | null, on: KernelHolder): Promise<void>;
  /** A job has ended: environments and kernels may be others. */
  readonly ended: ISignal<object, void>;
}

export const IEnvironmentActions = new Token<IEnvironmentActions>(
  'jupyter-mlflow:IEnvironmentActions',
  'Makes and mends Python environments and kernels.'
);
