// What the forwarder costs: the same `runs/search` straight to MLflow and through Jupyter, in turn.
import { Connection } from './lib/http.mjs';
import { startJupyter, startMlflow } from './lib/servers.mjs';
import { EXPERIMENTS } from './lib/stores.mjs';
import { summary } from './lib/figures.mjs';

const SEARCH = 'ajax-api/2.0/mlflow/runs/search';

/** @param {import('./main.mjs').Context} context */
export async function forwarder({ python, store, bundle, runs, report }) {
  const mlflow = await startMlflow(python, store);
  const jupyter = await startJupyter({
    python,
    labextensions: bundle().labextensions,
    trackingUri: mlflow.url
  });
  const direct = new Connection(mlflow.url, { 'Accept-Encoding': 'identity' });
  const plain = new Connection(jupyter.url, {
    ...jupyter.headers,
    'Accept-Encoding': 'identity'
  });
  const packed = new Connection(jupyter.url, {
    ...jupyter.headers,
    'Accept-Encoding': 'gzip'
  });
  try {
    for (const rows of [100, 1000]) {
      const body = {
        experiment_ids: [EXPERIMENTS['plain-1k']],
        max_results: rows,
        order_by: ['attributes.start_time DESC']
      };
      const ways = {
        direct: () => direct.send(`/${SEARCH}`, { method: 'POST', body }),
        forwarded: () =>
          plain.send(jupyter.forward(SEARCH), { method: 'POST', body }),
        packed: () =>
          packed.send(jupyter.forward(SEARCH), { method: 'POST', body })
      };
      const times = { direct: [], forwarded: [], packed: [] };
      const bytes = {};
      // Two rounds that do not count: caches of the store, connections.
      for (let round = -2; round < Math.max(runs, 15); round++) {
        for (const [name, ask] of Object.entries(ways)) {
          const answer = await ask();
          if (answer.status !== 200) {
            throw new Error(
              `${name}: status ${answer.status}: ${answer.text().slice(0, 300)}`
            );
          }
          bytes[name] = answer.bytes;
          if (round >= 0) {
            times[name].push(answer.ms);
          }
        }
      }
      const kilobytes = name => `${Math.round(bytes[name] / 1000)} kB`;
      const base = report.times(
        `${rows} runs, straight to MLflow (${kilobytes('direct')})`,
        times.direct
      );
      const through = report.times(
        `${rows} runs, through the forwarder (${kilobytes('forwarded')})`,
        times.forwarded
      );
      const gzip = report.times(
        `${rows} runs, through the forwarder as gzip (${kilobytes('packed')})`,
        times.packed
      );
      // Each round's two requests stand side by side: what slows the machine for a while slows both.
      const over = summary(
        times.forwarded.map(
          (ms, round) =>
            (100 * (ms - times.direct[round])) / times.direct[round]
        )
      ).median;
      report.goal(
        `${rows} runs, forwarder over direct`,
        over,
        '%',
        '≤ 10 %',
        over <= 10
      );
      report.figure(
        `${rows} runs, median over median`,
        (100 * (through - base)) / base,
        '%'
      );
      report.figure(
        `${rows} runs, gzip over direct`,
        (100 * (gzip - base)) / base,
        '%'
      );
    }
  } finally {
    direct.close();
    plain.close();
    packed.close();
    await Promise.all([jupyter.end(), mlflow.end()]);
  }
}
