import type { TranslationBundle } from '@jupyterlab/translation';
import type { Health, Problem, TrackingServer } from './tokens';

/** Codes that mean: there was no answer, and there may be one again. */
const AWAY: ReadonlyArray<string> = [
  'jupyter-unreachable',
  'restarting',
  'server-crashed',
  'server-stopped',
  'upstream-broken',
  'upstream-error',
  'upstream-timeout',
  'upstream-tls',
  'upstream-unreachable'
];

/** Whether the server is away (and may come back), in contrast to wrong. */
export function isAway(problem: Problem | null): boolean {
  return problem !== null && AWAY.includes(problem.code);
}

/** A local server that nobody has started, or that was stopped. */
export function isStopped(server: TrackingServer, health: Health): boolean {
  return (
    server.kind === 'local' &&
    (health.problem?.code === 'server-stopped' || server.state === 'stopped')
  );
}

/** What is wrong with the server, from its health or from the list; null when nothing is known to be. */
export function problemOf(
  server: TrackingServer,
  health: Health
): Problem | null {
  if (health.state === 'connected') {
    return null;
  }
  // For a local server that failed the health says only that it did; the list says why.
  const told = health.problem;
  return told === null || told.code === 'server-failed'
    ? (server.problem ?? told)
    : told;
}

/** One or two words for the state. */
export function stateText(
  server: TrackingServer,
  health: Health,
  trans: TranslationBundle
): string {
  if (isStopped(server, health) && health.state !== 'starting') {
    return trans.__('Stopped');
  }
  switch (health.state) {
    case 'connected':
      return trans.__('Connected');
    case 'starting':
      return trans.__('Starting…');
    case 'signed-out':
      return trans.__('Signed out');
    case 'failed':
      return isAway(health.problem)
        ? trans.__('Offline')
        : trans.__('Not connected');
    default:
      return trans.__('Connecting…');
  }
}

/** Milliseconds as a person reads a latency. */
export function latencyText(latency: number, trans: TranslationBundle): string {
  return latency >= 1000
    ? trans.__('%1 s', (latency / 1000).toFixed(1))
    : trans.__('%1 ms', String(Math.max(1, Math.round(latency))));
}

/** Where MLflow documents this version; null for something that is not a released version. */
export function documentationUrl(version: string | null): string | null {
  const release = /^\d+\.\d+\.\d+$/.exec(version ?? '');
  return release ? `https://mlflow.org/docs/${release[0]}/` : null;
}

/** The absolute path of a suggestion's label such as "./mlflow.db". */
export function absolutePath(label: string, rootDir: string | null): string {
  return rootDir !== null && label.startsWith('./')
    ? `${rootDir.replace(/\/$/, '')}/${label.slice(2)}`
    : label;
}
