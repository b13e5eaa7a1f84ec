import type { ILabShell } from '@jupyterlab/application';
import { DataConnector, StateDB, type IStateDB } from '@jupyterlab/statedb';

/** Keeps texts in the browser, below a prefix of their own. */
class BrowserStorage extends DataConnector<string> {
  constructor(private readonly _prefix: string) {
    super();
  }

  override fetch(id: string): Promise<string | undefined> {
    return Promise.resolve(
      localStorage.getItem(this._prefix + id) ?? undefined
    );
  }

  override list(): Promise<{ ids: string[]; values: string[] }> {
    const ids = Object.keys(localStorage)
      .filter(key => key.startsWith(this._prefix))
      .map(key => key.slice(this._prefix.length));
    const values = ids.map(id => localStorage.getItem(this._prefix + id) ?? '');
    return Promise.resolve({ ids, values });
  }

  override save(id: string, value: string): Promise<void> {
    localStorage.setItem(this._prefix + id, value);
    return Promise.resolve();
  }

  override remove(id: string): Promise<void> {
    localStorage.removeItem(this._prefix + id);
    return Promise.resolve();
  }
}

/**
 * A state database that outlives a reload. JupyterLab's own does; that of Notebook 7 forgets with the page, and each
 * notebook is a page there: so in the browser instead, shared by the pages of one Jupyter server.
 *
 * @param labShell - null outside of JupyterLab.
 * @param baseUrl - of the Jupyter server.
 */
export function lastingState(
  labShell: ILabShell | null,
  state: IStateDB | null,
  baseUrl: string
): IStateDB {
  return labShell && state
    ? state
    : new StateDB({
        connector: new BrowserStorage(`jupyter-mlflow:${baseUrl}:`)
      });
}
