import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { freePort, needed, underGuard } from '../servers';

/** A Jupyter server for one file of tests, with kernels of its own alone; the tracking servers are those of all tests. */
export class OwnJupyter {
  private constructor(
    /** What is in it: notebooks in `root`, kernels in `data`. */
    readonly folder: string,
    readonly url: string,
    private readonly _process: ChildProcess
  ) {}

  /**
   * @param prepare - is given the folder before the server starts.
   * @param options.folder - one that is not there yet; otherwise a temporary one.
   * @param options.config - the server's configuration, if not that of the tests.
   * @param options.env - variables of the server.
   */
  static async start(
    prepare: (folder: string) => void = () => undefined,
    options: {
      folder?: string;
      config?: string;
      env?: Readonly<Record<string, string>>;
    } = {}
  ): Promise<OwnJupyter> {
    if (options.folder !== undefined) {
      mkdirSync(options.folder);
    }
    const folder =
      options.folder ?? mkdtempSync(join(tmpdir(), 'jupyter-mlflow-ui-own-'));
    prepare(folder);
    const python = needed('JUPYTER_MLFLOW_TEST_PYTHON_NEWEST');
    const variable = `JUPYTER_MLFLOW_UI_OWN_PORT_${process.env.TEST_WORKER_INDEX ?? 0}`;
    const port = freePort(variable);
    const config =
      options.config ?? join(__dirname, '..', 'jupyter_server_test_config.py');
    const [program, ...words] = underGuard(python, 'jupyter-own', [
      python,
      '-m',
      'jupyterlab',
      '--config',
      config
    ]);
    const started = spawn(program, words, {
      cwd: folder,
      // The guard ends when its standard input does.
      stdio: ['pipe', 'ignore', 'inherit'],
      env: {
        ...process.env,
        JUPYTER_MLFLOW_UI_DIR: folder,
        JUPYTER_MLFLOW_UI_JUPYTER_PORT: port,
        JUPYTER_MLFLOW_UI_KERNELS: 'own',
        ...options.env
      }
    });
    const jupyter = new OwnJupyter(folder, `http://127.0.0.1:${port}`, started);
    try {
      await jupyter._answers();
    } catch (reason) {
      await jupyter.stop();
      throw reason;
    }
    return jupyter;
  }

  async stop(): Promise<void> {
    const ended = new Promise(resolve => this._process.once('exit', resolve));
    this._process.stdin?.end();
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async _answers(): Promise<void> {
    await expect
      .poll(
        () =>
          fetch(`${this.url}/api/status`).then(
            answer => answer.status,
            () => 0
          ),
        { timeout: 60_000 }
      )
      .toBe(200);
  }
}
