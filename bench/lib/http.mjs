// A plain HTTP client that measures: one kept connection, no compression unless asked for.
import { Agent, request } from 'node:http';

/** One connection to one server, kept open between requests. */
export class Connection {
  constructor(base, headers = {}) {
    this._base = base;
    this._headers = headers;
    this._agent = new Agent({ keepAlive: true, maxSockets: 1 });
  }

  /**
   * @param {{method?: string, body?: unknown, headers?: object}} [options] `body` is sent as JSON
   * @returns {Promise<{status: number, bytes: number, text: () => string, ms: number}>} once the whole answer is there
   */
  async send(path, options = {}) {
    try {
      return await this._send(path, options);
    } catch (error) {
      // MLflow closes a connection after five idle seconds, perhaps just now.
      if (error.code === 'ECONNRESET' && error.reused) {
        return this._send(path, options);
      }
      throw error;
    }
  }

  _send(path, { method = 'GET', body, headers = {} }) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const began = performance.now();
    return new Promise((resolve, reject) => {
      const asked = request(
        new URL(path, this._base),
        {
          method,
          agent: this._agent,
          headers: {
            ...(text === undefined
              ? {}
              : {
                  'Content-Type': 'application/json',
                  'Content-Length': Buffer.byteLength(text)
                }),
            ...this._headers,
            ...headers
          }
        },
        answer => {
          const parts = [];
          answer.on('data', part => parts.push(part));
          answer.on('error', reject);
          answer.on('end', () => {
            const ms = performance.now() - began;
            const bytes = parts.reduce((sum, part) => sum + part.length, 0);
            resolve({
              status: answer.statusCode,
              bytes,
              ms,
              text: () => Buffer.concat(parts).toString()
            });
          });
        }
      );
      asked.on('error', error =>
        reject(Object.assign(error, { reused: asked.reusedSocket }))
      );
      asked.end(text);
    });
  }

  close() {
    this._agent.destroy();
  }
}
