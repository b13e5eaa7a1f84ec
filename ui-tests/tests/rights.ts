import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import {
  mlflowCommand,
  needed,
  quietPort,
  underGuard,
  workFolder
} from '../servers';
import { MlflowServer } from './mlflow';

const NAME = 'with-login';
const ADMIN = 'admin';
const PASSWORD = 'a-long-password-1234';

/** A real MLflow with its own login: everybody may read everything, and write only what is theirs. */
export class MlflowWithLogin {
  private constructor(
    /** Spoken to as its administrator. */
    readonly server: MlflowServer,
    private readonly _process: ChildProcess
  ) {}

  /** Starts it; `answers` waits until it is there. */
  static start(): MlflowWithLogin {
    const python = needed('JUPYTER_MLFLOW_TEST_PYTHON_NEWEST');
    const port = quietPort();
    const folder = workFolder();
    const config = join(folder, `${NAME}.ini`);
    writeFileSync(
      config,
      [
        '[mlflow]',
        'default_permission = READ',
        `database_uri = sqlite:///${join(folder, `${NAME}-users.db`)}`,
        // To check a password takes a third of a second.
        'auth_cache_ttl_seconds = 600',
        `admin_username = ${ADMIN}`,
        `admin_password = ${PASSWORD}`,
        'authorization_function = mlflow.server.auth:authenticate_request_basic_auth'
      ].join('\n')
    );
    const { words, env } = mlflowCommand(python, NAME, port);
    const [program, ...rest] = underGuard(python, NAME, [
      ...words,
      '--app-name',
      'basic-auth'
    ]);
    const started = spawn(program, rest, {
      cwd: folder,
      // The guard ends when its standard input does.
      stdio: ['pipe', 'ignore', 'inherit'],
      env: {
        ...process.env,
        ...env,
        MLFLOW_AUTH_CONFIG_PATH: config,
        MLFLOW_FLASK_SERVER_SECRET_KEY: 'only-for-tests',
        MLFLOW_AUTH_ADMIN_PASSWORD: PASSWORD
      }
    });
    const url = `http://127.0.0.1:${port}`;
    return new MlflowWithLogin(
      new MlflowServer(NAME, url, `${ADMIN}:${PASSWORD}`),
      started
    );
  }

  async answers(): Promise<void> {
    const ask = (): Promise<number> =>
      fetch(`${this.server.url}/health`).then(
        answer => answer.status,
        () => 0
      );
    await expect.poll(ask, { timeout: 120_000 }).toBe(200);
  }

  /** A new user; returns the password. */
  async addUser(username: string): Promise<string> {
    await this.server.post('users/create', { username, password: PASSWORD });
    return PASSWORD;
  }

  async stop(): Promise<void> {
    const ended = new Promise(resolve => this._process.once('exit', resolve));
    this._process.stdin?.end();
    await ended;
  }
}
