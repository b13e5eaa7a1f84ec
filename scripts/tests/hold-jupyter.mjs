// Holds a Jupyter server with a kernel and a local MLflow server, says so on standard output, and waits: for guard.test.mjs,
// which kills it. Arguments: the environment, and a folder for all that is written.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Jupyter, storeUri } from '../lib/jupyter.mjs';
import { root } from '../lib/paths.mjs';
import { anyFreePort } from '../lib/ports.mjs';
import { findPython } from '../lib/python.mjs';
import { localServerAddress, startLocalServer } from '../lib/tracking.mjs';

const [environment, folder] = process.argv.slice(2);
const notebooks = join(folder, 'notebooks');
const enabled = join(folder, 'config', 'jupyter_server_config.d');
mkdirSync(notebooks, { recursive: true });
mkdirSync(enabled, { recursive: true });
// The package of this clone, whether the environment has it installed or not.
writeFileSync(
  join(enabled, 'jupyter_mlflow.json'),
  '{"ServerApp": {"jpserver_extensions": {"jupyter_mlflow": true}}}'
);
process.env.JUPYTER_CONFIG_PATH = join(folder, 'config');
process.env.PYTHONPATH = join(root, 'python-shim');

const jupyter = new Jupyter({
  folder: environment,
  python: findPython().executable,
  port: await anyFreePort(),
  trackingUri: storeUri(join(notebooks, 'mlflow.db')),
  home: join(folder, 'home'),
  rootDir: notebooks
});
process.on('SIGTERM', () => void jupyter.end().then(() => process.exit(0)));
await jupyter.ready();
await startLocalServer(jupyter);
const kernel = await jupyter.request('POST', 'api/kernels', {
  name: 'python3'
});
const address = await localServerAddress(jupyter);
console.log(JSON.stringify({ kernel: kernel.status, address }));
await jupyter.closed;
