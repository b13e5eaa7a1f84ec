// The demo's tracking server, as the Jupyter server knows it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Trouble } from './trouble.mjs';

/** Whether this is a store (a file, a folder, a database), over which Jupyter starts a server, and not an address. */
export const isStore = uri => !/^https?:\/\//i.test(uri);

/** The server of MLFLOW_TRACKING_URI in the list of the Jupyter server. */
async function environmentServer(jupyter) {
  const answer = await jupyter.request('GET', 'jupyter-mlflow/servers');
  if (!answer.ok) {
    throw new Trouble(
      `The extension does not answer (${answer.status}).`,
      'npm start',
      jupyter.log
    );
  }
  const { servers } = await answer.json();
  const server = servers.find(each => each.origin === 'environment');
  if (server === undefined) {
    throw new Trouble(
      'The tracking server is not in the list of the Jupyter server.',
      '',
      jupyter.log
    );
  }
  return server;
}

/** Asks Jupyter to start the local server; returns at once. */
export async function startLocalServer(jupyter) {
  const { id } = await environmentServer(jupyter);
  const answer = await jupyter.request(
    'POST',
    `jupyter-mlflow/servers/${id}/start`,
    {}
  );
  if (!answer.ok) {
    throw problemOf((await answer.json().catch(() => null))?.error, jupyter);
  }
}

/** Waits until the local server answers, and returns its address. */
export async function localServerAddress(jupyter) {
  for (;;) {
    if (jupyter.ended) {
      throw jupyter.whyEnded();
    }
    const server = await environmentServer(jupyter);
    if (server.state === 'ready' && server.page) {
      return server.page.replace(/\/$/, '');
    }
    if (server.state === 'failed') {
      throw problemOf(server.problem, jupyter);
    }
    await pause(200);
  }
}

/** What the Jupyter server says is wrong, as our own kind of error. */
function problemOf(problem, jupyter) {
  const words = problem
    ? `${problem.message} ${problem.hint}`.trim()
    : 'The local tracking server could not be started.';
  return new Trouble(words, '', jupyter.log);
}

/**
 * Gives the kernels of this Jupyter the address of the local server: they log to it, not past it into its file.
 * Kernels that start later see a change; the file is written only if it is one.
 */
export function tellKernels(jupyter, address, python) {
  const folder = join(jupyter.kernels, 'python3');
  const path = join(folder, 'kernel.json');
  const text = JSON.stringify(
    {
      argv: [
        python,
        '-Xfrozen_modules=off',
        '-m',
        'ipykernel_launcher',
        '-f',
        '{connection_file}'
      ],
      display_name: 'Python 3 (ipykernel)',
      language: 'python',
      metadata: { debugger: true },
      env: { MLFLOW_TRACKING_URI: address }
    },
    null,
    1
  );
  let before = null;
  try {
    before = readFileSync(path, 'utf8');
  } catch {
    // The first start.
  }
  if (before !== text) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, text);
  }
}
