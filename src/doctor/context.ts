import type { ISessionContext } from '@jupyterlab/apputils';
import type { KernelsApi } from '../kernel/api';
import type { KernelDoctor } from './model';
import type { IRemedies, RemedyContext } from './remedy-tokens';
import type { Finding } from './tokens';

/** The experiments that new kernels of notebooks have from their start, before their first cell. */
export interface RememberedExperiments {
  /** @param experiment - null: forgets the one that was remembered. */
  remember(notebook: string, experiment: string | null): Promise<unknown>;
}

/** What a block about one kernel works with. */
export interface DoctorServices {
  readonly doctor: KernelDoctor;
  readonly context: ISessionContext;
  /** Of the notebook, from Jupyter's root; null for a console. */
  readonly notebook: () => string | null;
  /** Null where nothing can be done from here. */
  readonly remedies: IRemedies | null;
  readonly kernels: Pick<KernelsApi, 'options'>;
  readonly experiments: RememberedExperiments;
}

/** For whom a remedy of a finding is run. */
export function remedyContext(
  services: DoctorServices,
  finding: Finding | null
): RemedyContext {
  const { doctor, context, notebook } = services;
  return { watch: doctor.watch, context, notebook: notebook(), finding };
}
