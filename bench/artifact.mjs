// A file of 1 GB through the forwarder, both ways, and how much memory the Jupyter server takes for it.
import { request } from 'node:http';
import { canMeasureProcesses, residentBytes } from './lib/processes.mjs';
import { Connection } from './lib/http.mjs';
import { startJupyter, startMlflow } from './lib/servers.mjs';
import { EXPERIMENTS } from './lib/stores.mjs';

const SIZE = 2 ** 30;
const PIECE = Buffer.alloc(2 ** 20, 'jupyter-mlflow ');
const PATH = `ajax-api/2.0/mlflow-artifacts/artifacts/${EXPERIMENTS['plain-1k']}/bench/large.bin`;
const WATCH_MS = 20;

/** @param {import('./main.mjs').Context} context */
export async function artifact({ python, store, bundle, report }) {
  if (!canMeasureProcesses) {
    report.note(
      'Not measured: this machine does not tell how much memory a process holds.'
    );
    return;
  }
  const mlflow = await startMlflow(python, store);
  const jupyter = await startJupyter({
    python,
    labextensions: bundle().labextensions,
    trackingUri: mlflow.url
  });
  try {
    const pid = serverProcess(jupyter);
    const small = new Connection(jupyter.url, jupyter.headers);
    // Modules that are loaded at the first request are not what grows with a file.
    await small.send(
      jupyter.forward('ajax-api/2.0/mlflow/experiments/search?max_results=1')
    );
    small.close();
    report.figure(
      'the Jupyter server holds before',
      residentBytes(pid) / 2 ** 20,
      'MB'
    );
    for (const [name, transfer] of [
      ['up', upload],
      ['down', download]
    ]) {
      const watch = watchMemory(pid);
      const began = performance.now();
      await transfer(jupyter);
      const seconds = (performance.now() - began) / 1000;
      const growth = watch.end() / 2 ** 20;
      report.figure(`1 GB ${name}`, SIZE / 2 ** 20 / seconds, 'MB/s');
      report.goal(
        `1 GB ${name}, growth of the Jupyter server`,
        growth,
        'MB',
        '< 64 MB',
        growth < 64
      );
    }
    await new Connection(mlflow.url).send(`/${PATH}`, { method: 'DELETE' });
  } finally {
    await Promise.all([jupyter.end(), mlflow.end()]);
  }
}

/** The guarded command itself. */
const serverProcess = jupyter => jupyter.pids[0];

function watchMemory(pid) {
  const before = residentBytes(pid);
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, residentBytes(pid));
  }, WATCH_MS);
  return {
    end() {
      clearInterval(timer);
      return Math.max(most, residentBytes(pid)) - before;
    }
  };
}

function upload(jupyter) {
  return new Promise((resolve, reject) => {
    const asked = request(
      jupyter.url + jupyter.forward(PATH),
      {
        method: 'PUT',
        headers: {
          ...jupyter.headers,
          'Content-Length': SIZE,
          'Content-Type': 'application/octet-stream'
        }
      },
      answer => {
        let text = '';
        answer.on('data', part => (text += part));
        answer.on('end', () =>
          answer.statusCode === 200
            ? resolve()
            : reject(
                new Error(`Upload: ${answer.statusCode} ${text.slice(0, 300)}`)
              )
        );
      }
    );
    asked.on('error', reject);
    let left = SIZE / PIECE.length;
    const write = () => {
      while (left > 0) {
        left -= 1;
        if (!asked.write(PIECE)) {
          asked.once('drain', write);
          return;
        }
      }
      asked.end();
    };
    write();
  });
}

function download(jupyter) {
  return new Promise((resolve, reject) => {
    request(
      jupyter.url + jupyter.forward(PATH),
      { headers: jupyter.headers },
      answer => {
        let bytes = 0;
        answer.on('data', part => (bytes += part.length));
        answer.on('error', reject);
        answer.on('end', () =>
          bytes === SIZE
            ? resolve()
            : reject(
                new Error(
                  `Download: status ${answer.statusCode}, ${bytes} bytes of ${SIZE}`
                )
              )
        );
      }
    )
      .on('error', reject)
      .end();
  });
}
