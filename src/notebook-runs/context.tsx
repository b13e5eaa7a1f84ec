import { createContext, useContext } from 'react';
import type { ActiveNotebook, NotebookRecords } from '../notebooks';
import type { TreeServices } from '../runs';
import type { NotebookRunsModel } from './model';

/** What the section works with; made once by the wiring. */
export interface NotebookRunsServices extends TreeServices {
  readonly model: NotebookRunsModel;
  readonly active: ActiveNotebook;
  readonly records: Pick<NotebookRecords, 'byPath'>;
  /** Id of the experiment that the kernel of a notebook logs to on a server, where it has said so. */
  readonly experimentOf: (path: string, serverId: string) => string | null;
}

const Context = createContext<NotebookRunsServices | null>(null);

export const NotebookRunsProvider = Context.Provider;

/** @throws Error outside of a `NotebookRunsProvider`. */
export function useNotebookRuns(): NotebookRunsServices {
  const services = useContext(Context);
  if (!services) {
    throw new Error(
      'useNotebookRuns() needs a <NotebookRunsProvider> around it'
    );
  }
  return services;
}
