// Three hundred people with an open panel on one shared MLflow: how much it is asked, and how busy that keeps it.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { VIEWPORT, launch, openLab } from './lib/browser.mjs';
import { pause } from './lib/clock.mjs';
import { Connection } from './lib/http.mjs';
import { canMeasureProcesses, cpuSeconds } from './lib/processes.mjs';
import { startJupyter, startMlflow } from './lib/servers.mjs';
import { EXPERIMENTS } from './lib/stores.mjs';

const PANELS = 300;
/** `min_poll_interval_remote` as it is shipped: milliseconds between polls of a server that many share. */
const LEAST_MS = 10_000;
/** How long a real panel is listened to: several polls of each of its questions, and its health. */
const LISTEN_MS = 65_000;
const WARM_UP_MS = 90_000;
const MEASURE_MS = 120_000;
/** Requests so close together are one poll. */
const APART_MS = 2000;
/** Requests that the cost of one is taken from: processor time is told in hundredths of a second. */
const COST_REQUESTS = 100;

/** @param {import('./main.mjs').Context} context */
export async function panels({ python, store, bundle, report }) {
  const { labextensions, lib } = bundle();
  const { pollPause } = await ruleOf(lib);
  const mlflow = await startMlflow(python, store);
  try {
    const streams = await listen({ python, labextensions, mlflow });
    for (const { name, polls } of streams) {
      const requests =
        polls.reduce((sum, poll) => sum + poll.length, 0) / polls.length;
      report.note(
        `a panel asks ${name}: ${polls.length} polls in ${LISTEN_MS / 1000} s, ${requests.toFixed(1)} requests each`
      );
    }
    if (canMeasureProcesses) {
      let share = 0;
      for (const stream of streams) {
        const ms = await cost(mlflow, stream);
        share += (PANELS * stream.each * ms) / LEAST_MS;
        report.figure(
          `${stream.name}, processor time of the tracking server for a request`,
          ms,
          'ms'
        );
      }
      report.figure(
        `${PANELS} panels at the least interval would need`,
        100 * share,
        '% of one core'
      );
    }
    const seen = await simulate(mlflow, streams, pollPause);
    report.figure(
      `${PANELS} panels, requests to the tracking server`,
      seen.rate,
      'a second'
    );
    const least =
      (PANELS * 1000 * streams.reduce((sum, { each }) => sum + each, 0)) /
      LEAST_MS;
    report.goal(
      'of what the least interval allows',
      seen.rate / least,
      '',
      '≤ 1',
      seen.rate <= least
    );
    report.times('answers', seen.times);
    if (canMeasureProcesses) {
      report.figure(
        'processor time of the tracking server (1 worker, SQLite)',
        100 * seen.busy,
        '% of one core'
      );
    }
    report.figure('answers that were errors', seen.failures);
  } finally {
    await mlflow.end();
  }
}

/** The product's own rule for pauses; Node takes a module for one by its name. */
async function ruleOf(lib) {
  const rule = join(lib, 'servers', 'polling.mjs');
  copyFileSync(join(lib, 'servers', 'polling.js'), rule);
  return import(pathToFileURL(rule).href);
}

/**
 * A real panel, on an experiment of 1,000 runs, and what MLflow hears of it.
 *
 * @returns {Promise<{name: string, polls: object[][], each: number}[]>} questions of one kind; `each`: requests a poll
 */
async function listen({ python, labextensions, mlflow }) {
  const jupyter = await startJupyter({
    python,
    labextensions,
    trackingUri: mlflow.url,
    // The server is on this machine, and shall be treated as one that is not.
    args: [`--JupyterMlflow.min_poll_interval_loopback=${LEAST_MS / 1000}`]
  });
  const browser = await launch();
  const asked = [];
  try {
    const page = await browser.newPage({ viewport: VIEWPORT });
    await openLab(page, jupyter, { panel: true });
    await page
      .locator(
        `[data-mlflow-panel] [data-mlflow-experiment-id="${EXPERIMENTS['plain-1k']}"]`
      )
      .click();
    await page
      .locator('[data-mlflow-panel] [data-mlflow-run-id]')
      .first()
      .waitFor();
    // What opening costs is not what staying open costs.
    await pause(APART_MS);
    page.on('request', request => {
      const url = new URL(request.url());
      const found =
        /\/jupyter-mlflow\/servers\/[^/]+\/(mlflow\/(.*)|health)$/.exec(
          url.pathname
        );
      if (found) {
        // A health probe asks the tracking server for its version.
        asked.push({
          at: performance.now(),
          method: request.method(),
          path: `/${found[2] ?? 'version'}${url.search}`,
          body: request.postDataJSON() ?? undefined
        });
      }
    });
    const end = performance.now() + LISTEN_MS;
    while (performance.now() < end) {
      await pause(1000);
      // Somebody is there.
      await page.mouse.move(600 + Math.random() * 50, 400);
    }
  } finally {
    await browser.close();
    await jupyter.end();
  }
  return intoStreams(asked);
}

function intoStreams(asked) {
  const streams = new Map();
  for (const request of asked) {
    const name = request.path.split('?')[0];
    const polls = streams.get(name) ?? [];
    const last = polls.at(-1);
    if (last && request.at - last.at(-1).at < APART_MS) {
      last.push(request);
    } else {
      polls.push([request]);
    }
    streams.set(name, polls);
  }
  return [...streams].map(([name, polls]) => ({
    name,
    polls,
    each:
      (polls.reduce((sum, poll) => sum + poll.length, 0) * LEAST_MS) / LISTEN_MS
  }));
}

/** Milliseconds of processor time that the tracking server takes for one request of a stream. */
async function cost(mlflow, { polls }) {
  const connection = new Connection(mlflow.url, {
    'Accept-Encoding': 'identity'
  });
  const requests = polls.flat();
  const pids = mlflow.pids;
  const before = cpuSeconds(pids);
  const times = Math.ceil(COST_REQUESTS / requests.length);
  for (let i = 0; i < times; i++) {
    for (const { method, path, body } of requests) {
      await connection.send(path, { method, body });
    }
  }
  connection.close();
  return (1000 * (cpuSeconds(pids) - before)) / (times * requests.length);
}

/** Each panel has its own connection, its own place in the jitter, and the rule of the product. */
async function simulate(mlflow, streams, pollPause) {
  const state = { counting: false, answers: [], failures: 0, stopped: false };
  const everybody = Array.from({ length: PANELS }, (_, number) =>
    panel(mlflow, streams, pollPause, number / PANELS, state)
  );
  await pause(WARM_UP_MS);
  const pids = mlflow.pids;
  const before = canMeasureProcesses ? cpuSeconds(pids) : 0;
  state.counting = true;
  const began = performance.now();
  await pause(MEASURE_MS);
  state.counting = false;
  const seconds = (performance.now() - began) / 1000;
  const busy = canMeasureProcesses
    ? (cpuSeconds(pids) - before) / seconds
    : NaN;
  state.stopped = true;
  await Promise.all(everybody);
  return {
    rate: state.answers.length / seconds,
    times: state.answers,
    busy,
    failures: state.failures
  };
}

async function panel(mlflow, streams, pollPause, spread, state) {
  const connection = new Connection(mlflow.url, {
    'Accept-Encoding': 'identity'
  });
  await Promise.all(
    streams.map(async ({ name, polls }) => {
      // Health has its own pace, three times slower than the least interval.
      const least = name === '/version' ? 3 * LEAST_MS : LEAST_MS;
      await wait(spread * least, state);
      for (
        let turn = Math.floor(spread * polls.length);
        !state.stopped;
        turn++
      ) {
        const began = performance.now();
        for (const { method, path, body } of polls[turn % polls.length]) {
          try {
            const answer = await connection.send(path, { method, body });
            state.failures += state.counting && answer.status >= 400 ? 1 : 0;
            if (state.counting) {
              state.answers.push(answer.ms);
            }
          } catch {
            state.failures += state.counting ? 1 : 0;
          }
        }
        await wait(pollPause(least, performance.now() - began, spread), state);
      }
    })
  );
  connection.close();
}

/** Pauses, but not beyond the end of the simulation. */
async function wait(ms, state) {
  const end = performance.now() + ms;
  while (!state.stopped && performance.now() < end) {
    await pause(Math.min(500, Math.max(1, end - performance.now())));
  }
}
