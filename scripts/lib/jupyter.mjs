// One JupyterLab or Notebook 7 over the folder demo/, with its own settings inside the clone.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { activated, pythonOf } from './env.mjs';
import { demo, logs, short, work } from './paths.mjs';
import { spawnGuarded } from './run.mjs';
import { Trouble, explain } from './trouble.mjs';

/** The demo's store, as MLflow writes it. */
export const demoStore = () => storeUri(join(demo, 'mlflow.db'));

/** `sqlite:///` and an absolute path, with a drive letter too. */
export function storeUri(path) {
  const absolute = resolve(path).replaceAll('\\', '/');
  return `sqlite:///${absolute}`;
}

/** A Jupyter server that this process started. */
export class Jupyter {
  /**
   * @param {{folder: string, python: string, port: number, trackingUri: string, notebook7?: boolean, home?: string, rootDir?: string}} options
   *   `folder`: the environment; `python` guards it; `home`: for its settings and log; `rootDir`: the notebooks that it shows
   */
  constructor({
    folder,
    python,
    port,
    trackingUri,
    notebook7 = false,
    home = join(work, 'jupyter'),
    rootDir = demo
  }) {
    this.port = port;
    this.token = randomBytes(24).toString('hex');
    this.log =
      home === join(work, 'jupyter')
        ? join(logs, 'jupyter.log')
        : join(home, 'jupyter.log');
    this.ended = false;
    mkdirSync(logs, { recursive: true });
    this.kernels = join(home, 'path', 'kernels');
    mkdirSync(this.kernels, { recursive: true });
    const args = [
      '-m',
      notebook7 ? 'notebook' : 'jupyterlab',
      '--no-browser',
      '--ServerApp.ip=127.0.0.1',
      `--ServerApp.port=${port}`,
      '--ServerApp.port_retries=0',
      `--ServerApp.root_dir=${rootDir}`,
      '--LabApp.news_url=',
      '--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate'
    ];
    if (process.getuid?.() === 0) {
      args.push('--allow-root');
    }
    writeFileSync(this.log, '');
    this._process = spawnGuarded(python, [pythonOf(folder), ...args], {
      log: this.log,
      env: {
        ...activated(folder),
        JUPYTER_TOKEN: this.token,
        // A person's own Jupyter settings (a password, other extensions) are not the demo's, and the reverse.
        JUPYTER_CONFIG_DIR: join(home, 'config'),
        JUPYTER_DATA_DIR: join(home, 'data'),
        JUPYTER_RUNTIME_DIR: join(home, 'runtime'),
        JUPYTER_PATH: join(home, 'path'),
        JUPYTERLAB_SETTINGS_DIR: join(home, 'settings'),
        JUPYTERLAB_WORKSPACES_DIR: join(home, 'workspaces'),
        IPYTHONDIR: join(home, 'ipython'),
        MLFLOW_TRACKING_URI: trackingUri
      }
    });
    this._process.stdin.on('error', () => {});
    this.closed = new Promise(settle => {
      this._process.on('error', () => settle(1));
      this._process.on('close', code => settle(code));
    }).then(code => {
      this.ended = true;
      return code;
    });
  }

  /** Waits until it answers; a Trouble if it ended instead. */
  async ready() {
    while (!this.ended) {
      try {
        if ((await this.request('GET', 'api/status')).ok) {
          return;
        }
      } catch {
        // Not listening yet.
      }
      await pause(50);
    }
    throw this.whyEnded();
  }

  /** The sentence for a Jupyter that ended by itself. */
  whyEnded() {
    let text = '';
    try {
      text = readFileSync(this.log, 'utf8');
    } catch {
      // No log: the disk may be full, which the message below says as well as it can.
    }
    if (/port \d+ is already in use/i.test(text)) {
      return new Trouble(
        `Port ${this.port} was taken meanwhile by another program.`,
        `npm start -- --port ${this.port + 1}`,
        short(this.log)
      );
    }
    return explain(
      'starting JupyterLab',
      text,
      'Python package',
      short(this.log)
    );
  }

  /** One request to its REST API, `path` relative to its root. */
  request(method, path, body) {
    return fetch(`http://127.0.0.1:${this.port}/${path}`, {
      method,
      headers: {
        Authorization: `token ${this.token}`,
        'Content-Type': 'application/json'
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000)
    });
  }

  /** The address for a browser, signed in. */
  url(path) {
    const separator = path.includes('?') ? '&' : '?';
    return `http://127.0.0.1:${this.port}/${path}${separator}token=${this.token}`;
  }

  /** Ends it, with its kernels; resolves when all have gone. */
  async end() {
    this._process.stdin.end();
    await this.closed;
  }
}
