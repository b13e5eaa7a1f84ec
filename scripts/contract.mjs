// Runs the contract suite against real MLflow servers, which it starts and ends: the newest and the oldest that is supported on
// SQLite always, and on PostgreSQL and MariaDB where these answer. At most two servers run at a time.
//
//   node scripts/contract.mjs [--summary FILE] [--only NAME] [-- options of jest]
//
// Interpreters: JUPYTER_MLFLOW_TEST_PYTHON_NEWEST and _OLDEST. Databases: JUPYTER_MLFLOW_TEST_POSTGRES and _MARIADB.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createDatabase } from './lib/contract-databases.mjs';
import { startServer } from './lib/contract-servers.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const { values: options, positionals } = parseArgs({
  options: {
    summary: { type: 'string' },
    only: { type: 'string', multiple: true }
  },
  allowPositionals: true
});

const python = {
  newest: process.env.JUPYTER_MLFLOW_TEST_PYTHON_NEWEST,
  oldest: process.env.JUPYTER_MLFLOW_TEST_PYTHON_OLDEST
};

/** Two at a time: each takes up to half a gigabyte and a core while it starts. */
const ROUNDS = [
  [
    { version: 'newest', store: 'sqlite' },
    { version: 'oldest', store: 'sqlite' }
  ],
  [
    { version: 'newest', store: 'postgresql' },
    { version: 'newest', store: 'mariadb' }
  ],
  [{ version: 'oldest', store: 'postgresql' }]
].map(round =>
  round.map(target => ({
    ...target,
    name: `${target.version} MLflow on ${target.store}`
  }))
);

const folder = mkdtempSync(join(tmpdir(), 'jupyter-mlflow-contract-'));
/** What must be undone, the latest first. */
const undo = [];
const total = { passed: 0, failed: 0, skipped: 0 };
let jest = null;
let interrupted = null;

let cleaning = Promise.resolve();

/** Ends and removes everything; callers wait for each other. */
function cleanUp() {
  jest?.kill('SIGTERM');
  cleaning = cleaning.then(async () => {
    while (undo.length > 0) {
      await undo
        .pop()()
        .catch(error =>
          console.error(`contract: could not clean up: ${error.message}`)
        );
    }
  });
  return cleaning;
}

/** A server over a store of its own; null, with the reason said, where the store does not answer. */
async function start(target) {
  const own = mkdtempSync(join(folder, `${target.version}-${target.store}-`));
  let store = `sqlite:///${join(own, 'mlflow.db')}`;
  if (target.store !== 'sqlite') {
    const database = await createDatabase(python[target.version], target.store);
    if (database.unavailable) {
      console.log(`contract: skipped ${target.name}: ${database.unavailable}`);
      total.skipped += 1;
      return null;
    }
    undo.push(database.drop);
    store = database.uri;
  }
  const server = await startServer(python[target.version], store, own, stop =>
    undo.push(stop)
  );
  return { ...target, url: server.url };
}

function runJest(servers, output) {
  const args = [
    '--selectProjects=contract',
    '--maxWorkers=2',
    '--json',
    `--outputFile=${output}`,
    ...positionals
  ];
  return new Promise((resolve, reject) => {
    jest = spawn(
      process.execPath,
      [join(root, 'node_modules', 'jest', 'bin', 'jest.js'), ...args],
      {
        cwd: root,
        stdio: ['ignore', 'ignore', 'inherit'],
        env: {
          ...process.env,
          JUPYTER_MLFLOW_CONTRACT_SERVERS: JSON.stringify(servers)
        }
      }
    );
    jest.on('error', reject);
    jest.on('exit', () => resolve((jest = null)));
  });
}

function count(output) {
  const result = JSON.parse(readFileSync(output, 'utf8'));
  total.passed += result.numPassedTests;
  total.skipped += result.numPendingTests;
  // A file that does not load has no failed tests, but it failed.
  total.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
}

const seconds = since => Math.round((Date.now() - since) / 1000);

async function runRound(targets, index) {
  const chosen = targets.filter(
    target =>
      !options.only || options.only.some(text => target.name.includes(text))
  );
  if (chosen.length === 0) {
    return;
  }
  const started = Date.now();
  const servers = [];
  for (const result of await Promise.allSettled(chosen.map(start))) {
    if (result.status === 'rejected') {
      console.error(`contract: ${result.reason.message}`);
      total.failed += 1;
    } else if (result.value !== null) {
      servers.push(result.value);
    }
  }
  if (servers.length > 0 && interrupted === null) {
    console.log(`contract: started in ${seconds(started)} s`);
    console.log(
      `contract: testing ${servers.map(server => server.name).join(' and ')}`
    );
    const output = join(folder, `round-${index}.json`);
    await runJest(servers, output);
    if (interrupted === null) {
      count(output);
    }
  }
  const tested = Date.now();
  await cleanUp();
  console.log(
    `contract: round ${index + 1} took ${seconds(started)} s, of which ${seconds(tested)} s to end`
  );
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted ??= signal;
    void cleanUp();
  });
}

async function main() {
  for (const [version, interpreter] of Object.entries(python)) {
    if (!interpreter) {
      throw new Error(
        `JUPYTER_MLFLOW_TEST_PYTHON_${version.toUpperCase()} must name a Python with the ${version} MLflow: "npm test" sets it.`
      );
    }
  }
  for (const [index, targets] of ROUNDS.entries()) {
    if (interrupted === null) {
      await runRound(targets, index);
    }
  }
}

try {
  await main();
} catch (error) {
  console.error(`contract: ${error.message}`);
  total.failed += 1;
} finally {
  await cleanUp();
  rmSync(folder, { recursive: true, force: true });
}
if (options.summary) {
  writeFileSync(options.summary, `${JSON.stringify(total)}\n`);
}
if (interrupted !== null) {
  console.error(`contract: ended by ${interrupted}`);
}
console.log(
  `contract: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`
);
process.exit(
  interrupted !== null ? 130 : total.failed > 0 || total.passed === 0 ? 1 : 0
);
