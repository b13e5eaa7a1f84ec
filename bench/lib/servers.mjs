// Real servers for a benchmark: an MLflow over the filled store, a JupyterLab with the production bundle.
import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { logs, root } from '../../scripts/lib/paths.mjs';
import { anyFreePort } from '../../scripts/lib/ports.mjs';
import { spawnGuarded } from '../../scripts/lib/run.mjs';
import { until } from './clock.mjs';
import { tree } from './processes.mjs';
import { benchFolder } from './stores.mjs';

const START_SECONDS = 180;

/** What has been started and not ended yet: an error in a benchmark must not leave it, and us, waiting. */
const running = new Set();

/** Ends whatever still runs. */
export async function endServers() {
  await Promise.all([...running].map(server => server.end()));
}

/** One guarded process with its log. */
class Server {
  constructor(python, name, command, env) {
    running.add(this);
    mkdirSync(logs, { recursive: true });
    this.log = join(logs, `bench-${name}.log`);
    this._process = spawnGuarded(python, command, { env, cwd: benchFolder });
    const file = createWriteStream(this.log);
    this._process.stdin.on('error', () => {});
    this._process.stdout.pipe(file, { end: false });
    this._process.stderr.pipe(file, { end: false });
    this.ended = false;
    this._closed = new Promise(resolve =>
      this._process.on('close', resolve)
    ).then(() => {
      this.ended = true;
      running.delete(this);
    });
  }

  /** Process ids of the command and what it started, the command first. */
  get pids() {
    return tree(this._process.pid).slice(1);
  }

  async answers(url, headers = {}) {
    await until(
      `An answer from ${url}`,
      async () => {
        if (this.ended) {
          throw new Error(
            `It ended instead of answering:\n${readFileSync(this.log, 'utf8').slice(-2000)}`
          );
        }
        try {
          return (await fetch(url, { headers })).ok;
        } catch {
          return false;
        }
      },
      START_SECONDS
    );
  }

  async end() {
    this._process.stdin.end();
    await this._closed;
  }
}

function environment(python, more = {}) {
  const env = {
    ...process.env,
    PATH: `${dirname(python)}${delimiter}${process.env.PATH ?? ''}`
  };
  for (const name of Object.keys(env)) {
    if (/^(MLFLOW|JUPYTER)_/.test(name)) {
      delete env[name];
    }
  }
  return { ...env, ...more };
}

/** The newest MLflow over a SQLite file. */
export async function startMlflow(python, store, { workers = 1 } = {}) {
  const port = await anyFreePort();
  const server = new Server(
    python,
    'mlflow',
    [
      ...[
        python,
        '-m',
        'mlflow',
        'server',
        '--host',
        '127.0.0.1',
        '--port',
        String(port),
        '--workers',
        String(workers)
      ],
      ...[
        '--backend-store-uri',
        `sqlite:///${store}`,
        '--artifacts-destination',
        join(benchFolder, 'artifacts')
      ]
    ],
    environment(python, { MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' })
  );
  server.url = `http://127.0.0.1:${port}`;
  await server.answers(`${server.url}/health`);
  server.version = await (await fetch(`${server.url}/version`)).text();
  return server;
}

/**
 * A JupyterLab over an empty folder.
 *
 * @param {{python: string, labextensions: string | null, trackingUri: string, args?: string[]}} options
 *   `labextensions`: folder that holds the bundle, null for a JupyterLab without this extension
 */
export async function startJupyter({
  python,
  labextensions,
  trackingUri,
  args = []
}) {
  const port = await anyFreePort();
  const token = randomBytes(16).toString('hex');
  const home = join(benchFolder, labextensions ? 'jupyter' : 'jupyter-without');
  rmSync(home, { recursive: true, force: true });
  for (const part of ['root', 'path']) {
    mkdirSync(join(home, part), { recursive: true });
  }
  const server = new Server(
    python,
    labextensions ? 'jupyter' : 'jupyter-without',
    [
      ...[
        python,
        '-m',
        'jupyterlab',
        '--no-browser',
        '--ServerApp.ip=127.0.0.1',
        `--ServerApp.port=${port}`
      ],
      ...[
        '--ServerApp.port_retries=0',
        `--ServerApp.root_dir=${join(home, 'root')}`,
        '--LabApp.news_url='
      ],
      '--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate',
      '--LabApp.expose_app_in_browser=True',
      `--ServerApp.jpserver_extensions={'jupyter_mlflow': ${labextensions ? 'True' : 'False'}}`,
      ...(process.getuid?.() === 0 ? ['--allow-root'] : []),
      ...args
    ],
    environment(python, {
      JUPYTER_TOKEN: token,
      JUPYTER_CONFIG_DIR: join(home, 'config'),
      JUPYTER_DATA_DIR: join(home, 'data'),
      JUPYTER_RUNTIME_DIR: join(home, 'runtime'),
      JUPYTER_PATH: labextensions ? dirname(labextensions) : join(home, 'path'),
      JUPYTERLAB_SETTINGS_DIR: join(home, 'settings'),
      JUPYTERLAB_WORKSPACES_DIR: join(home, 'workspaces'),
      PYTHONPATH: join(root, 'python-shim'),
      MLFLOW_TRACKING_URI: trackingUri
    })
  );
  server.url = `http://127.0.0.1:${port}`;
  server.token = token;
  server.headers = { Authorization: `token ${token}` };
  server.page = path =>
    `${server.url}/${path}${path.includes('?') ? '&' : '?'}token=${token}`;
  await server.answers(`${server.url}/api/status`, server.headers);
  if (labextensions) {
    const listed = await fetch(`${server.url}/jupyter-mlflow/servers`, {
      headers: server.headers
    });
    if (!listed.ok) {
      await server.end();
      throw new Error(
        `The extension does not answer (${listed.status}):\n${readFileSync(server.log, 'utf8').slice(-3000)}`
      );
    }
    server.mlflowId = (await listed.json()).default;
    server.forward = path =>
      `/jupyter-mlflow/servers/${server.mlflowId}/mlflow/${path}`;
  }
  return server;
}
