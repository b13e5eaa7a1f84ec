import {
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse
} from 'node:http';
import { quietPort } from '../servers';

type Handler = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/**
 * A gate before a real tracking server, for what such a server does only on bad days: it can be closed and opened at
 * the same port, ask for a login, or answer something that is not MLflow's.
 */
export class Gate {
  private constructor(private readonly _target: string) {}

  static async before(target: string): Promise<Gate> {
    const gate = new Gate(target);
    await gate.open();
    return gate;
  }

  /** The login that is asked for, "user:password"; null for none. */
  login: string | null = null;
  /** What answers in place of the tracking server; null lets requests pass. */
  instead: Handler | null = null;

  /** Every request that has come, in order: method and path. */
  readonly asked: string[] = [];

  get url(): string {
    return `http://127.0.0.1:${this._port}`;
  }

  async open(): Promise<void> {
    const server = createServer((incoming, outgoing) => {
      this._answer(incoming, outgoing);
    });
    await new Promise<void>(resolve => {
      server.listen(this._port, '127.0.0.1', resolve);
    });
    this._server = server;
  }

  async close(): Promise<void> {
    const server = this._server;
    this._server = null;
    await new Promise<void>(resolve => {
      server ? server.close(() => resolve()) : resolve();
      server?.closeAllConnections();
    });
  }

  private _answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    this.asked.push(`${incoming.method} ${incoming.url}`);
    const basic =
      this.login && `Basic ${Buffer.from(this.login).toString('base64')}`;
    if (basic && incoming.headers.authorization !== basic) {
      outgoing.writeHead(401).end('You are not authenticated.');
      return;
    }
    if (this.instead) {
      this.instead(incoming, outgoing);
      return;
    }
    const { host: _, authorization: __, ...headers } = incoming.headers;
    const onward = request(
      new URL(incoming.url ?? '/', this._target),
      { method: incoming.method, headers },
      answer => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      }
    );
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  }

  private readonly _port = Number(quietPort());
  private _server: Server | null = null;
}
