import type { ISessionContext } from '@jupyterlab/apputils';
import { Token } from '@lumino/coreutils';
import type { IKernelWatch } from '../kernel/tokens';
import type { Finding, Remedy } from './tokens';

/** For whom a remedy is run: a notebook or a console, and what follows its kernel. */
export interface RemedyContext {
  readonly watch: IKernelWatch;
  readonly context: ISessionContext;
  /** Of the notebook, from Jupyter's root; null for a console. */
  readonly notebook: string | null;
  /** The finding that led here; null where the person began by themselves. */
  readonly finding: Finding | null;
}

/** Does what findings propose, and says what it is called. */
export interface IRemedies {
  /** Whether it is known what is refused here; before, nothing is. */
  readonly isReady: boolean;
  /** Finds that out. Never rejects. */
  ready(): Promise<void>;
  /** What the button says. */
  label(remedy: Remedy): string;
  /** Why it cannot be done here, such as an administrator's switch; null where it can. */
  refusal(remedy: Remedy): string | null;
  /** Does it, asking what must be asked, and asks the kernel again at its end. Shows its errors itself; never rejects. */
  run(remedy: Remedy, on: RemedyContext): Promise<void>;
}

export const IRemedies = new Token<IRemedies>(
  'jupyter-mlflow:IRemedies',
  'Does what the doctor proposes.'
);
