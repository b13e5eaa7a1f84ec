import type { JupyterFrontEnd } from '@jupyterlab/application';
import { URLExt } from '@jupyterlab/coreutils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { INotebookTracker } from '@jupyterlab/notebook';
import { cellHash } from './address';
import { CellPlaces } from './places';
import { NotebookRecords } from './record';

/** The factory of JupyterLab's notebooks: another viewer of the file has no cells. */
const NOTEBOOK_FACTORY = 'Notebook';

/**
 * Finds and shows cells in this application.
 *
 * @param documents - null where a window holds one notebook (Notebook 7): others get windows of their own.
 */
export function cellPlaces(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  documents: IDocumentManager | null
): CellPlaces {
  const { contents, serverSettings } = app.serviceManager;
  return new CellPlaces({
    tracker,
    contents,
    records: new NotebookRecords(serverSettings),
    open:
      documents &&
      (path => {
        const widget = documents.openOrReveal(path, NOTEBOOK_FACTORY);
        return tracker.find(panel => panel === widget) ?? null;
      }),
    openWindow: (path, cellId) => {
      const url = URLExt.join(
        serverSettings.baseUrl,
        'notebooks',
        URLExt.encodeParts(path)
      );
      window.open(
        cellId === null ? url : url + cellHash(cellId),
        '_blank',
        'noopener'
      );
    },
    activate: panel => app.shell.activateById(panel.id)
  });
}
