import { createContext, useContext } from 'react';
import type { ISelectedExperiment } from '../experiments/tokens';
import { useSignalValue } from '../ui/signals';
import type { IViews } from '../ui/views';
import type { RunActions } from './actions';
import type { RunTarget } from './target';
import type { ListOf, RunListModel, RunListView } from './list-model';

/** What the section of runs works with; made once by the wiring. */
export interface RunListServices {
  readonly model: RunListModel;
  readonly actions: RunActions;
  readonly selection: ISelectedExperiment;
  readonly views: IViews;
  readonly target: RunTarget;
}

const Context = createContext<RunListServices | null>(null);
export const RunListProvider = Context.Provider;

/** @throws Error outside of a `RunListProvider`. */
export function useRunList(): RunListServices {
  const services = useContext(Context);
  if (!services) {
    throw new Error('useRunList() needs a <RunListProvider> around it');
  }
  return services;
}

/** What the section shows of an experiment. */
export function useRunListView(of: ListOf): RunListView {
  const { model } = useRunList();
  return useSignalValue(model.changed, () => model.view(of));
}
