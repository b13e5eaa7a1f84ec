import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { PlaywrightTestConfig } from '@playwright/test';

type WebServer = Exclude<
  NonNullable<PlaywrightTestConfig['webServer']>,
  unknown[]
>;

const ROOT = resolve(__dirname, '..');
/** What the servers write, kept until the next run. */
const LOGS = join(ROOT, '.work', 'logs');
const GUARD = join(ROOT, 'scripts', 'guard.py');

/** A variable that must be set: the tests never guess an interpreter. */
export function needed(variable: string): string {
  const value = process.env[variable];
  if (!value) {
    throw new Error(
      `${variable} is not set: run the browser tests by "npm test -- --only browser".`
    );
  }
  return value;
}

/** The same value in the main process, which chooses it, and in the workers, which inherit it. */
export function remembered(variable: string, choose: () => string): string {
  return (process.env[variable] ??= choose());
}

/** A folder that Playwright's own clean-up does not touch and global teardown removes. */
export function workFolder(variable = 'JUPYTER_MLFLOW_UI_DIR'): string {
  return remembered(variable, () =>
    realpathSync(mkdtempSync(join(tmpdir(), 'jupyter-mlflow-ui-')))
  );
}

/**
 * A port that nobody uses, and that no outgoing connection is given before the server listens, which may be seconds
 * later; a configuration cannot wait for an answer, so another process asks.
 */
export function quietPort(): string {
  const program = `
    const { createServer } = require('net');
    const ask = () => {
      const port = 20000 + Math.floor(Math.random() * 12000);
      const server = createServer().once('error', ask).listen(port, '127.0.0.1', () =>
        server.close(() => process.stdout.write(String(port))));
    };
    ask();`;
  return spawnSync(process.execPath, ['-e', program], {
    encoding: 'utf8'
  }).stdout.trim();
}

/** A quiet port, the same in all processes. */
export function freePort(variable: string): string {
  return remembered(variable, quietPort);
}

/** Runs side by side are told apart by a label. */
function logOf(name: string): string {
  mkdirSync(LOGS, { recursive: true });
  const label = process.env.JUPYTER_MLFLOW_UI_LABEL ?? '';
  return join(LOGS, `ui-${label}${name}.log`);
}

/** The words of a command that ends when its standard input does; its output goes to a log of that name. */
export function underGuard(
  python: string,
  name: string,
  command: ReadonlyArray<string>
): string[] {
  return [
    python,
    GUARD,
    '--grace',
    '10',
    '--log',
    logOf(name),
    '--',
    ...command
  ];
}

/** A command, its output in .work/logs/ui-<name>.log, that ends, with all that it started, when Playwright ends in whatever way. */
export function guarded(
  python: string,
  name: string,
  command: string[],
  options: Partial<WebServer> & { url: string }
): WebServer {
  if (process.env.TEST_WORKER_INDEX === undefined) {
    rmSync(logOf(name), { force: true });
  }
  const quoted = underGuard(python, name, command)
    .map(word => `"${word}"`)
    .join(' ');
  return {
    command: quoted,
    timeout: 120_000,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 30_000 },
    ...options
  };
}

/** What starts a real MLflow server over a new SQLite file: its words, and variables. */
export function mlflowCommand(
  python: string,
  name: string,
  port: string
): { words: string[]; env: Record<string, string> } {
  const folder = workFolder();
  const store = join(folder, `${name}.db`);
  return {
    words: [
      python,
      '-m',
      'mlflow',
      'server',
      '--backend-store-uri',
      `sqlite:///${store}`,
      '--artifacts-destination',
      join(folder, `${name}-artifacts`),
      '--host',
      '127.0.0.1',
      '--port',
      port,
      '--workers',
      '1'
    ],
    env: {
      // MLflow 2.x starts gunicorn by its name.
      PATH: `${dirname(python)}${delimiter}${process.env.PATH ?? ''}`,
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
      MLFLOW_DISABLE_TELEMETRY: 'true'
    }
  };
}

/** A real MLflow server that runs as long as the tests do. */
export function mlflowServer(
  python: string,
  name: string,
  port: string
): WebServer {
  const { words, env } = mlflowCommand(python, name, port);
  return guarded(python, name, words, {
    url: `http://127.0.0.1:${port}/health`,
    cwd: workFolder(),
    env
  });
}
