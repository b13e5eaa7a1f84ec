import { createContext, useContext } from 'react';
import { useSignalValue } from '../ui/signals';
import type { ExperimentActions } from './actions';
import type { ExperimentsModel, ExperimentsView } from './model';
import type { ISelectedExperiment } from './tokens';

/** What the section's components share; made once by the wiring. */
export interface ExperimentServices {
  readonly model: ExperimentsModel;
  readonly selection: ISelectedExperiment;
  readonly actions: ExperimentActions;
}

const Context = createContext<ExperimentServices | null>(null);

export const ExperimentsProvider = Context.Provider;

/** @throws Error outside of an `ExperimentsProvider`. */
export function useExperiments(): ExperimentServices {
  const services = useContext(Context);
  if (!services) {
    throw new Error(
      'useExperiments() needs an <ExperimentsProvider> around it'
    );
  }
  return services;
}

export function useExperimentsView(): ExperimentsView {
  const { model } = useExperiments();
  return useSignalValue(model.changed, () => model.view);
}

/** The id of the selected experiment of a server. */
export function useSelectedId(serverId: string): string | null {
  const { selection } = useExperiments();
  return useSignalValue(selection.changed, () => selection.get(serverId));
}
