// Starts a real MLflow server for the contract suite.
import { closeSync, openSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { anyFreePort } from './ports.mjs';
import { spawnGuarded } from './run.mjs';

/** Ample: 6 s on an idle machine, 106 s were seen on one that did seven other things. */
const START_LIMIT_MS = 300_000;
const PROBE_MS = 100;

const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

/**
 * A server over a store, in a process group of its own, under a guard that ends it when this process goes, by SIGKILL too.
 *
 * @param python An interpreter that has MLflow.
 * @param folder For its artifacts and log.
 * @param onStarted Gets the function that stops it, as soon as there is a process.
 * @returns `{url}` once it answers.
 * @throws Error with the end of its log when it does not come up.
 */
export async function startServer(python, storeUri, folder, onStarted) {
  const port = await anyFreePort();
  const log = join(folder, 'server.log');
  const output = openSync(log, 'w');
  const server = [
    '-m',
    'mlflow',
    'server',
    '--host',
    '127.0.0.1',
    '--port',
    `${port}`,
    '--workers',
    '1'
  ];
  const stores = [
    '--backend-store-uri',
    storeUri,
    '--artifacts-destination',
    join(folder, 'artifacts')
  ];
  const child = spawnGuarded(python, [python, ...server, ...stores], {
    grace: 5,
    cwd: folder,
    stdio: [output, output],
    env: {
      ...process.env,
      // MLflow 2 starts gunicorn by its name.
      PATH: `${dirname(python)}${delimiter}${process.env.PATH}`,
      // Otherwise several more processes of 160 MB.
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
      MLFLOW_DISABLE_TELEMETRY: 'true',
      MLFLOW_TRACKING_URI: ''
    }
  });
  closeSync(output);
  const gone = new Promise(resolve => {
    child.on('exit', resolve);
    child.on('error', resolve);
  });
  onStarted(async () => {
    child.stdin.end();
    await gone;
  });
  let running = true;
  void gone.then(() => (running = false));
  const url = `http://127.0.0.1:${port}`;
  for (
    const limit = Date.now() + START_LIMIT_MS;
    running && Date.now() < limit;
    await pause(PROBE_MS)
  ) {
    const healthy = await fetch(`${url}/health`, {
      signal: AbortSignal.timeout(2000)
    }).then(
      answer => answer.ok,
      () => false
    );
    if (healthy) {
      return { url };
    }
  }
  const end = readFileSync(log, 'utf8').split('\n').slice(-15).join('\n');
  throw new Error(
    `the MLflow server of ${python} did not come up. The end of its log:\n${end}`
  );
}
