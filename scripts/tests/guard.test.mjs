// Nothing may outlive the script that started it, however it ended.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { existingEnvironment } from '../lib/env.mjs';
import { root } from '../lib/paths.mjs';
import { findPython } from '../lib/python.mjs';
import { spawnGuarded } from '../lib/run.mjs';

const skip = process.platform !== 'linux' && 'looks for processes in /proc';
const python = findPython();
const GUARD = join(root, 'scripts', 'guard.py');
const PATIENCE_MS = 60_000;

/** The processes whose environment holds `marker`: they inherit it however far they have gone from us. */
function marked(marker) {
  return readdirSync('/proc').filter(name => {
    try {
      return (
        /^\d+$/.test(name) &&
        readFileSync(`/proc/${name}/environ`, 'latin1').includes(marker)
      );
    } catch {
      // It has ended, or is somebody else's.
      return false;
    }
  });
}

async function until(condition, what) {
  for (
    const began = Date.now();
    Date.now() - began < PATIENCE_MS;
    await pause(50)
  ) {
    if (condition()) {
      return;
    }
  }
  assert.fail(`waited in vain until ${what}`);
}

function workFolder(t) {
  const path = realpathSync(
    mkdtempSync(join(tmpdir(), 'jupyter-mlflow-guard-'))
  );
  t.after(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}

/** Starts node with a marked environment; ends what is left of it after the test, so that a failure leaves nothing behind. */
function startMarked(t, args, marker) {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, GUARD_TEST: marker },
    stdio: ['ignore', 'pipe', 'inherit']
  });
  t.after(() => {
    for (const pid of marked(marker)) {
      process.kill(Number(pid), 'SIGKILL');
    }
  });
  return {
    child,
    lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  };
}

/** A child that will not end when asked, and starts another in a session of its own, as Jupyter does with kernels. */
const STUBBORN = `
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"], start_new_session=True)
print("started", flush=True)
time.sleep(600)
`;

const holder = grace => `
const { spawn } = require('node:child_process');
const child = spawn(process.argv[1], [process.argv[2], '--grace', '${grace}', '--', process.argv[1], '-c', process.argv[3]], {
  stdio: ['pipe', 'inherit', 'inherit'], detached: true
});
process.on('SIGTERM', () => { child.stdin.end(); child.on('close', () => process.exit(0)); });
`;

for (const signal of ['SIGKILL', 'SIGTERM']) {
  test(
    `a stubborn command and its far child end after ${signal}`,
    { skip },
    async t => {
      const marker = `guard-${process.pid}-${signal}`;
      const { child, lines } = startMarked(
        t,
        ['-e', holder(0.5), python.executable, GUARD, STUBBORN],
        marker
      );
      assert.equal((await lines.next()).value, 'started');
      await until(
        () => marked(marker).length === 4,
        'node, the guard, the command and its child run'
      );
      child.kill(signal);
      await until(() => marked(marker).length === 0, 'all have gone');
    }
  );
}

test('the exit code and the output of a command pass through', async () => {
  const child = spawnGuarded(python.executable, [
    python.executable,
    '-c',
    'print("seen"); raise SystemExit(7)'
  ]);
  const lines = createInterface({ input: child.stdout })[
    Symbol.asyncIterator
  ]();
  const code = new Promise(resolve => child.on('close', resolve));
  assert.equal((await lines.next()).value, 'seen');
  assert.equal(await code, 7);
});

test(
  'Jupyter, its kernel and the local MLflow server end after SIGKILL',
  { skip },
  async t => {
    const interpreter = process.env.JUPYTER_MLFLOW_TEST_PYTHON_NEWEST;
    const environment = interpreter
      ? dirname(dirname(interpreter))
      : existingEnvironment('dev', python);
    assert.ok(
      environment,
      'JUPYTER_MLFLOW_TEST_PYTHON_NEWEST must name a Python with JupyterLab and MLflow'
    );
    const marker = `guard-${process.pid}-jupyter`;
    const { child, lines } = startMarked(
      t,
      [
        join(root, 'scripts', 'tests', 'hold-jupyter.mjs'),
        environment,
        workFolder(t)
      ],
      marker
    );
    const { kernel, address } = JSON.parse((await lines.next()).value);
    assert.equal(kernel, 201);
    assert.equal((await fetch(`${address}/health`)).status, 200);
    const before = marked(marker);
    // node, guard, Jupyter, kernel, supervisor, keeper, MLflow and its worker
    assert.ok(before.length >= 7, `${before.length} processes`);

    child.kill('SIGKILL');

    await until(() => marked(marker).length === 0, 'all have gone');
    await assert.rejects(fetch(`${address}/health`));
  }
);
