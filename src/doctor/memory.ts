import type { IStateDB } from '@jupyterlab/statedb';

const KEY = 'jupyter-mlflow:doctor-asked';
/** The oldest are forgotten. */
const MOST = 500;

/** What was asked about a notebook and is not to be asked again: words such as a finding's id. Outlives a reload. */
export class Memory {
  constructor(private readonly _state: Pick<IStateDB, 'fetch' | 'save'>) {}

  async has(notebook: string, what: string): Promise<boolean> {
    return (await this._read()).includes(entry(notebook, what));
  }

  async add(notebook: string, what: string): Promise<void> {
    const kept = await this._read();
    const next = entry(notebook, what);
    if (!kept.includes(next)) {
      await this._state.save(KEY, [...kept, next].slice(-MOST)).catch(() => {
        // It is asked again then.
      });
    }
  }

  private async _read(): Promise<string[]> {
    const kept = await this._state.fetch(KEY).catch(() => undefined);
    return Array.isArray(kept)
      ? kept.filter((each): each is string => typeof each === 'string')
      : [];
  }
}

function entry(notebook: string, what: string): string {
  return JSON.stringify([notebook, what]);
}
