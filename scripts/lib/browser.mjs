// Opens an address in the person's browser without telling it to the list of processes.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

const PATIENCE_MS = 60_000;

/**
 * Opens `url`. The browser is given another address, good for one request, as everybody on the machine can read the arguments
 * of processes and `url` lets its holder in.
 *
 * @returns {Promise<boolean>} whether a browser was found; the person has the address in the terminal anyway
 */
export async function openBrowser(url, env = process.env) {
  const path = `/${randomBytes(12).toString('hex')}`;
  const server = createServer((request, response) => {
    if (request.url !== path) {
      response.writeHead(404).end();
      return;
    }
    response
      .writeHead(302, {
        Location: url,
        'Cache-Control': 'no-store',
        Connection: 'close'
      })
      .end();
    server.close();
  });
  await new Promise((resolve, reject) =>
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  );
  server.unref();
  setTimeout(() => server.close(), PATIENCE_MS).unref();
  const opened = await start(
    `http://127.0.0.1:${server.address().port}${path}`,
    env
  );
  if (!opened) {
    server.close();
  }
  return opened;
}

function start(url, env) {
  const [program, ...args] = env.BROWSER
    ? [env.BROWSER.split(/[:;]/)[0].replace(/\s*%s$/, ''), url]
    : process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', url]
        : ['xdg-open', url];
  return new Promise(resolve => {
    // A browser is the person's: it outlives us, and is no part of what Ctrl-C ends.
    const child = spawn(program, args, {
      env,
      stdio: 'ignore',
      detached: true,
      windowsHide: true
    });
    child.once('error', () => resolve(false));
    child.once('spawn', () => resolve(true));
    child.unref();
  });
}
