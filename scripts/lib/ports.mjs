// Ports: a given one must be free, a chosen one is the first free.
import { createServer } from 'node:net';
import { Trouble } from './trouble.mjs';

/** Why 127.0.0.1:port cannot be listened on (`EADDRINUSE`, `EACCES`, …), or null when it can. */
export function whyNotFree(port) {
  return new Promise(resolve => {
    const probe = createServer();
    probe.once('error', error => resolve(error.code ?? 'unknown'));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () =>
      probe.close(() => resolve(null))
    );
  });
}

/** The first free port from `from` on. */
export async function firstFreePort(from, tries = 100) {
  for (let port = from; port < from + tries && port < 65536; port++) {
    if ((await whyNotFree(port)) === null) {
      return port;
    }
  }
  throw new Trouble(
    `No port from ${from} to ${from + tries - 1} is free.`,
    `npm start -- --port ${from + tries}`
  );
}

/** The port to serve on: `wanted`, which must be free, or the first free one from 8888. */
export async function choosePort(wanted) {
  if (wanted === null) {
    return firstFreePort(8888);
  }
  const reason = await whyNotFree(wanted);
  if (reason === null) {
    return wanted;
  }
  const other = await firstFreePort(
    Math.min(Math.max(wanted + 1, 8888), 65000)
  );
  throw new Trouble(
    reason === 'EACCES'
      ? `Port ${wanted} may only be used by an administrator.`
      : `Port ${wanted} is taken by another program.`,
    `npm start -- --port ${other}`
  );
}

/**
 * A free port, by chance; none of those that systems give to outgoing connections, one of which might take it before
 * the server listens, which may be ten seconds later.
 */
export async function anyFreePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if ((await whyNotFree(port)) === null) {
      return port;
    }
  }
}
