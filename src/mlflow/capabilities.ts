import { type Capabilities } from './entities';
import { MlflowError } from './errors';
import { parseJson } from './json';
import { type RestClient } from './rest';

type Version = readonly [number, number, number];

/** `3.17.2`, `2.3.2`, `3.1.0.dev0` as numbers; null for what is no version. */
export function parseVersion(text: string): Version | null {
  const match = /^\s*v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match === null
    ? null
    : [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

function atLeast(
  version: Version,
  ...wanted: [number, number, number?]
): boolean {
  for (let i = 0; i < 3; i++) {
    const difference = version[i] - (wanted[i] ?? 0);
    if (difference !== 0) {
      return difference > 0;
    }
  }
  return true;
}

function ofVersion(
  text: string,
  version: Version,
  workspaces: boolean
): Capabilities {
  return {
    version: text,
    workspaces,
    loggedModels: atLeast(version, 3, 0),
    datasets: atLeast(version, 2, 4),
    sampledHistory: atLeast(version, 2, 11),
    historyPaging: atLeast(version, 3, 1, 1),
    deleteExperimentTag: atLeast(version, 3, 0),
    filterIsNull: atLeast(version, 3, 9),
    filterDatasets: atLeast(version, 2, 4),
    maxParamLength: atLeast(version, 2, 8) ? 6000 : 500,
    maxTagLength: atLeast(version, 2, 17) ? 8000 : 5000
  };
}

/** What the server says to an empty or odd request: nothing wrong, refused as invalid, or no such endpoint. */
type Reaction = 'accepted' | 'refused' | 'absent';

async function reaction(probe: Promise<unknown>): Promise<Reaction> {
  try {
    await probe;
    return 'accepted';
  } catch (error) {
    if (error instanceof MlflowError) {
      switch (error.kind) {
        case 'too-old':
          return 'absent';
        case 'invalid':
        case 'invalid-filter':
        case 'not-found':
          return 'refused';
      }
    }
    throw error;
  }
}

const ignore = (): void => undefined;

/** Some servers keep `/version` for administrators: then ask the endpoints themselves, by requests that change nothing. */
async function ofProbes(
  rest: RestClient,
  signal?: AbortSignal
): Promise<Capabilities> {
  const options = { since: 'another version', signal };
  const [datasets, sampled, loggedModels, deleteTag, badToken, isNull] =
    await Promise.all([
      reaction(
        rest.send('POST', 'experiments/search-datasets', {}, ignore, options)
      ),
      reaction(
        rest.get('metrics/get-history-bulk-interval', {}, ignore, options)
      ),
      reaction(rest.send('POST', 'logged-models/search', {}, ignore, options)),
      reaction(
        rest.send(
          'POST',
          'experiments/delete-experiment-tag',
          {},
          ignore,
          options
        )
      ),
      // A server that ignores paging takes this for no token at all.
      reaction(
        rest.get(
          'metrics/get-history',
          { run_id: '-', metric_key: '-', max_results: 1, page_token: '-' },
          ignore,
          options
        )
      ),
      reaction(
        rest.send(
          'POST',
          'runs/search',
          {
            experiment_ids: ['0'],
            max_results: 1,
            filter: "tags.`-` IS NULL AND run_id = '-'"
          },
          ignore,
          options
        )
      )
    ]);
  return {
    version: null,
    workspaces: false,
    datasets: datasets !== 'absent',
    sampledHistory: sampled !== 'absent',
    loggedModels: loggedModels !== 'absent',
    deleteExperimentTag: deleteTag !== 'absent',
    historyPaging: badToken === 'refused',
    filterIsNull: isNull === 'accepted',
    filterDatasets: datasets !== 'absent',
    // Lengths cannot be asked for without writing: what the oldest server with these endpoints keeps.
    maxParamLength: sampled === 'absent' ? 500 : 6000,
    maxTagLength: loggedModels === 'absent' ? 5000 : 8000
  };
}

async function readVersion(
  rest: RestClient,
  signal?: AbortSignal
): Promise<string | null> {
  try {
    const response = await rest.raw(
      { method: 'GET', path: 'version', signal },
      { where: 'version' }
    );
    return (await rest.text(response, signal)).trim();
  } catch (error) {
    // Absent, or kept for administrators: not a reason to give up.
    if (
      error instanceof MlflowError &&
      [401, 403, 404].includes(error.details.status ?? 0) &&
      error.kind !== 'forbidden-here'
    ) {
      return null;
    }
    throw error;
  }
}

/** `workspaces_enabled` of `server-info` (3.10); null where the server has no such page. */
async function readServerInfo(
  rest: RestClient,
  signal?: AbortSignal
): Promise<{ workspaces: boolean } | null> {
  const where = 'server-info';
  try {
    const response = await rest.raw(
      { method: 'GET', path: 'ajax-api/3.0/mlflow/server-info', signal },
      { where, since: '3.10' }
    );
    const json = parseJson(await rest.text(response, signal), where);
    const enabled =
      typeof json === 'object' &&
      json !== null &&
      'workspaces_enabled' in json &&
      json.workspaces_enabled === true;
    return { workspaces: enabled };
  } catch (error) {
    if (
      error instanceof MlflowError &&
      error.kind !== 'unreachable' &&
      error.kind !== 'starting'
    ) {
      return null;
    }
    throw error;
  }
}

/**
 * What a server can do, asked of the server.
 *
 * @throws MlflowError `malformed` when something else than MLflow answers; `unreachable`, `unauthenticated`, … as any request.
 */
export async function detectCapabilities(
  rest: RestClient,
  signal?: AbortSignal
): Promise<Capabilities> {
  const [text, info] = await Promise.all([
    readVersion(rest, signal),
    readServerInfo(rest, signal)
  ]);
  const version = text === null ? null : parseVersion(text);
  if (text !== null && version !== null && text.length < 64) {
    return ofVersion(text, version, info?.workspaces ?? false);
  }
  if (info !== null) {
    return { ...ofVersion('', [3, 10, 0], info.workspaces), version: null };
  }
  if (text !== null) {
    throw new MlflowError(
      'malformed',
      'Something answers at this address, but it is not an MLflow tracking server.',
      {
        hint: 'Check the address of the server and its path prefix.'
      }
    );
  }
  return ofProbes(rest, signal);
}
