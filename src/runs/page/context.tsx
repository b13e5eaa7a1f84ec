import { createContext, useContext } from 'react';
import { useSignalValue } from '../../ui/signals';
import type { RunRef } from '../commands-tokens';
import type { RunPageActions } from './actions';
import {
  PLAIN_TABLE,
  type Folds,
  type RunPageModel,
  type TableView
} from './model';

/** What the parts of a run's page share. */
export interface RunPageServices {
  readonly ref: RunRef;
  readonly model: RunPageModel;
  readonly folds: Folds;
  readonly actions: RunPageActions;
  /** Shows an experiment's runs. */
  readonly showExperiment: (experimentId: string) => void;
}

const Context = createContext<RunPageServices | null>(null);

export const RunPageProvider = Context.Provider;

/** @throws Error outside of a `RunPageProvider`. */
export function useRunPage(): RunPageServices {
  const services = useContext(Context);
  if (!services) {
    throw new Error('useRunPage() needs a <RunPageProvider> around it');
  }
  return services;
}

/** How a table is looked at. */
export function useTableView(id: string): TableView {
  const { model } = useRunPage();
  return useSignalValue(
    model.changed,
    () => model.view.tables[id] ?? PLAIN_TABLE
  );
}

export function useFolded(section: string): boolean {
  const { folds } = useRunPage();
  return useSignalValue(folds.changed, () => folds.folded.has(section));
}

/** Whether a folder is open, by the source it belongs to. */
export function useFolders(): ReadonlySet<string> {
  const { model } = useRunPage();
  return useSignalValue(model.changed, () => model.view.folders);
}
