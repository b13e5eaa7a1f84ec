// The machine that figures were taken on, in plain words.
import { cpus, loadavg, totalmem } from 'node:os';

/** Such as "2 cores, 24 GiB, Chromium 156, MLflow 3.17.2, Node 20.20, 2026-11-23". */
export function machine({ chromium, mlflow }) {
  return [
    `${cpus().length} cores`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    ...(chromium ? [`Chromium ${chromium.split('.')[0]}`] : []),
    `MLflow ${mlflow}`,
    `Node ${process.versions.node.split('.').slice(0, 2).join('.')}`,
    new Date().toISOString().slice(0, 10)
  ].join(', ');
}

/** A sentence if something else keeps this machine busy, else null: figures mean little then. */
export function disturbance() {
  const [minute] = loadavg();
  return minute > 0.7
    ? `Something else is running here (load ${minute.toFixed(1)} before the start): figures are higher than they would be.`
    : null;
}
