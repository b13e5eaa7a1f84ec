// What it costs to ask a kernel, what a kernel's start costs more with us, and how long a diagnosis takes.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { root } from '../scripts/lib/paths.mjs';
import { Trouble } from '../scripts/lib/trouble.mjs';
import { summary } from './lib/figures.mjs';
import { startJupyter } from './lib/servers.mjs';
import { benchFolder } from './lib/stores.mjs';

const MEASURE = join(root, 'bench', 'probe_times.py');
/** A question takes milliseconds, and a diagnosis microseconds. */
const QUESTIONS = 5;
const DIAGNOSES = 1000;

/** @param {import('./main.mjs').Context} context */
export async function probe({ python, runs, report }) {
  mkdirSync(benchFolder, { recursive: true });
  questions(python, runs, report);
  await starts(python, runs, report);
  diagnoses(runs, report);
}

function questions(python, runs, report) {
  const times = measure(python, ['ask', runs * QUESTIONS]);
  report.times('the first question, which brings the shim', times.first);
  report.times('a bare execute_request on the same socket', times.bare);
  const ms = report.times('a probe of an idle kernel', times.probe);
  report.goal('probe, round trip', ms, 'ms', '≤ 50 ms', ms <= 50);
  report.figure(
    'probe / bare execute_request',
    ms / summary(times.bare).median,
    '×'
  );
  report.times("of it, in the shim, by the kernel's clock", times.shim);
  const own = report.times(
    'processor time of the kernel for a probe',
    times.processor
  );
  report.goal("the kernel's own time", own, 'ms', '≤ 10 ms', own <= 10);
  report.times('packages_distributions(), which is not called', times.map);
  report.figure(
    'packages_distributions() / the shim',
    summary(times.map).median / summary(times.shim).median,
    '×'
  );
}

async function starts(python, runs, report) {
  const trackingUri = 'http://127.0.0.1:9';
  // The bundle plays no part: kernels are started without a page.
  const labextensions = join(
    root,
    'python-shim',
    'jupyter_mlflow',
    'labextension'
  );
  const withUs = await startJupyter({ python, labextensions, trackingUri });
  const without = await startJupyter({
    python,
    labextensions: null,
    trackingUri
  });
  const times = measure(python, [
    'start',
    runs,
    ...[withUs, without].flatMap(({ url, token }) => [url, token])
  ]);
  await Promise.all([withUs.end(), without.end()]);
  report.times(
    'from asking for a kernel to the reply to its first cell, without us',
    times.without
  );
  report.times('with us', times.with);
  report.times(
    'with us / without, round by round',
    times.with.map((ms, round) => ms / times.without[round]),
    '×'
  );
}

function diagnoses(runs, report) {
  const { diagnose, someInput } = doctor();
  const inputs = {
    'a healthy kernel': someInput(),
    'a kernel without MLflow': someInput({
      mlflow: {
        spec: 'none',
        origin: null,
        distributions: [],
        distribution_origin: null
      }
    })
  };
  for (const [name, input] of Object.entries(inputs)) {
    const times = [];
    for (let round = -2; round < runs; round++) {
      const began = performance.now();
      for (let i = 0; i < DIAGNOSES; i++) {
        diagnose(input);
      }
      if (round >= 0) {
        times.push((performance.now() - began) / DIAGNOSES);
      }
    }
    const ms = report.times(
      `diagnosis of ${name} (mean of ${DIAGNOSES})`,
      times
    );
    report.goal(`diagnosis of ${name}`, ms, 'ms', '≤ 1 ms', ms <= 1);
  }
}

/** The product's own rules, compiled as they are loaded. */
function doctor() {
  // Some of what they know is generated from tables.
  const made = spawnSync(process.execPath, [
    join(root, 'scripts', 'generate.mjs')
  ]);
  if (made.status !== 0) {
    throw new Trouble(
      `The sources could not be generated: ${String(made.stderr).slice(-2000)}`,
      'npm run generate'
    );
  }
  const require = createRequire(import.meta.url);
  const ts = require('typescript');
  const compilerOptions = {
    module: ts.ModuleKind.CommonJS,
    target: ts.ScriptTarget.ES2022
  };
  require.extensions['.ts'] = (module, file) => {
    const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
      compilerOptions
    });
    module._compile(outputText, file);
  };
  const findings = join(root, 'src', 'doctor', 'findings');
  return {
    ...require(join(findings, 'diagnose.ts')),
    ...require(join(findings, 'testing', 'inputs.ts'))
  };
}

function measure(python, args) {
  const done = spawnSync(python, [MEASURE, ...args.map(String)], {
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: `${dirname(python)}${delimiter}${process.env.PATH ?? ''}`,
      PYTHONPATH: join(root, 'python-shim')
    }
  });
  if (done.status !== 0) {
    throw new Trouble(
      `It failed: ${(done.stderr || done.stdout).slice(-2000)}`,
      'npm run bench -- --only probe'
    );
  }
  return JSON.parse(done.stdout.trim().split('\n').at(-1));
}
