// The sentences for what goes wrong outside of the project: from the real tools where that can be had cheaply.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { findUv } from '../lib/env.mjs';
import { root } from '../lib/paths.mjs';
import { anyFreePort, choosePort } from '../lib/ports.mjs';
import { findPython } from '../lib/python.mjs';
import { npmCommand, run } from '../lib/run.mjs';
import { Trouble, explain } from '../lib/trouble.mjs';

const python = findPython();

function folder(t) {
  const path = mkdtempSync(join(tmpdir(), 'jupyter-mlflow-scripts-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const trouble =
  (message, command = /./) =>
  error =>
    error instanceof Trouble &&
    message.test(error.message) &&
    command.test(error.command) &&
    !error.message.includes('\n');

/** A folder of PATH with programs of our own. */
function programs(path, scripts) {
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(path, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(path, name), 0o755);
  }
  return path;
}

async function withPath(path, body) {
  const before = process.env.PATH;
  process.env.PATH = path;
  try {
    return await body();
  } finally {
    process.env.PATH = before;
  }
}

test('an npm registry that does not answer', async t => {
  const cwd = folder(t);
  writeFileSync(
    join(cwd, 'package.json'),
    '{"name":"x","version":"1.0.0","dependencies":{"left-pad":"1.3.0"}}'
  );
  const registry = `http://127.0.0.1:${await anyFreePort()}/`;
  const env = {
    ...process.env,
    npm_config_registry: registry,
    npm_config_fetch_retries: '0',
    npm_config_cache: join(cwd, 'cache')
  };
  await assert.rejects(
    run(
      'installing the Node packages',
      [...npmCommand(), 'install', '--no-audit'],
      { python: python.executable, cwd, env, registry: 'npm' }
    ),
    trouble(/npm registry cannot be reached/, /npm ping/)
  );
});

test('a Python package registry that does not answer', async t => {
  const cwd = folder(t);
  const index = `http://127.0.0.1:${await anyFreePort()}/simple`;
  const env = {
    ...process.env,
    UV_DEFAULT_INDEX: index,
    UV_HTTP_RETRIES: '0',
    UV_CACHE_DIR: join(cwd, 'cache'),
    UV_NO_CONFIG: '1'
  };
  delete env.UV_INDEX_URL;
  const uv = await findUv(python);
  const target = [
    '--python',
    python.executable,
    '--target',
    join(cwd, 'target')
  ];
  await assert.rejects(
    run('installing JupyterLab', [...uv, 'pip', 'install', ...target, 'six'], {
      python: python.executable,
      cwd,
      env
    }),
    trouble(/Python package registry cannot be reached/)
  );
});

test('a port that is taken', async t => {
  const server = createServer();
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address();
  await assert.rejects(
    choosePort(port),
    trouble(new RegExp(`Port ${port} is taken`), /npm start -- --port \d+/)
  );
  const free = await choosePort(null);
  assert.ok(free >= 8888);
});

test('no Python at all', async t => {
  await withPath(folder(t), () =>
    assert.throws(() => findPython(), trouble(/no Python on PATH/))
  );
});

test(
  'only an old Python',
  { skip: process.platform === 'win32' && 'shell scripts' },
  async t => {
    const path = programs(folder(t), {
      python3: `echo '[[3, 9, 2], "/opt/old/python3"]'`
    });
    await withPath(path, () =>
      assert.throws(
        () => findPython(),
        trouble(/Python 3\.9\.2 \(\/opt\/old\/python3\).*3\.10/)
      )
    );
  }
);

test(
  'an old python3, and a newer one under its own name',
  { skip: process.platform === 'win32' && 'shell scripts' },
  async t => {
    const path = programs(folder(t), {
      python3: `echo '[[3, 8, 1], "/opt/old/python3"]'`,
      'python3.12': `echo '[[3, 12, 4], "/opt/new/python3.12"]'`
    });
    const found = await withPath(path, () => findPython());
    assert.equal(found.executable, '/opt/new/python3.12');
  }
);

test(
  'a Python without pip and ensurepip',
  { skip: process.platform === 'win32' && 'shell scripts' },
  async t => {
    const path = folder(t);
    // As Debian's python3 answers without python3-venv and python3-pip.
    programs(path, {
      python3: `case "$1 $2" in
"-m pip") echo "$0: No module named pip" >&2; exit 1 ;;
"-m venv") echo 'The virtual environment was not created successfully because ensurepip is not available.'; exit 1 ;;
esac
exec '${python.executable}' "$@"`
    });
    const bare = { ...python, executable: join(path, 'python3') };
    const fake = programs(folder(t), { uv: 'exit 1', pip: 'exit 1' });
    await assert.rejects(
      findUv(bare, {
        env: { ...process.env, PATH: `${fake}${delimiter}${process.env.PATH}` },
        folder: join(path, 'uv')
      }),
      trouble(/neither pip nor ensurepip/, /python3\.\d+-venv/)
    );
  }
);

test('a disk that is full, in the words of npm, pip, uv and tsc', () => {
  for (const words of [
    'npm error code ENOSPC\nnpm error syscall write',
    "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device: '/x'",
    'error: failed to write to file `/x`: No space left on device (os error 28)'
  ]) {
    assert.ok(
      trouble(/disk is full.*installing/)(explain('installing', words, 'npm')),
      words
    );
  }
});

test('what nobody foresaw shows the end of the output', () => {
  const error = explain(
    'building the extension',
    'src/x.ts(1,1): error TS1005: ";" expected.',
    'npm',
    '.work/logs/x.log'
  );
  assert.match(error.message, /Building the extension failed\.\n.*TS1005/);
  assert.equal(error.log, '.work/logs/x.log');
});

test('a module that is not found is no network that is not found', () => {
  const error = explain(
    'installing',
    "ModuleNotFoundError: No module named 'x'",
    'Python package'
  );
  assert.doesNotMatch(error.message, /registry/);
});

test('an old Node hears one sentence from npm start', async () => {
  const { spawnSync } = await import('node:child_process');
  const old =
    "Object.defineProperty(process.versions, 'node', { value: '18.20.4' });";
  const preload = `data:text/javascript,${encodeURIComponent(old)}`;
  for (const script of ['start.mjs', 'test.mjs']) {
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', preload, join(root, 'scripts', script)],
      { encoding: 'utf8' }
    );
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^This is Node 18\.20\.4, and jupyter-mlflow needs Node 20\.19.*\nTry: .*\n$/
    );
  }
});
