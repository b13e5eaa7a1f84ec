import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Signal } from '@lumino/signaling';
import { QueryClient } from '@tanstack/react-query';
import { configure, render, type RenderResult } from '@testing-library/react';
import type { ReactNode } from 'react';
import { type ITransport, type MlflowRequest } from '../../mlflow';
import {
  ServersProvider,
  type ITrackingServers,
  type TrackingServer
} from '../../servers';
import { UiProvider, type UiServices } from '../context';

// A busy machine draws late; nothing waits longer than it must.
configure({ asyncUtilTimeout: 30_000 });

// Browsers have it; jsdom does not.
AbortSignal.prototype.throwIfAborted ??= function (this: AbortSignal) {
  if (this.aborted) {
    throw new DOMException('The request was aborted.', 'AbortError');
  }
};

/** What a fake tracking server is asked: method and path below the API, and body or query as an object. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: Readonly<Record<string, string | number | undefined>>;
}

/** An answer: JSON, or a refusal as MLflow gives it. */
export type Answer =
  { json: unknown } | { status: number; code: string; message: string };

/** Answers requests of a real client by a function; keeps what it was asked. */
export class FakeTransport implements ITransport {
  constructor(public answer: (asked: Asked) => Answer | Promise<Answer>) {}

  readonly asked: Asked[] = [];

  async send(request: MlflowRequest): Promise<Response> {
    const asked = {
      method: request.method,
      path: request.path.replace('ajax-api/2.0/mlflow/', ''),
      body: (typeof request.body === 'string'
        ? JSON.parse(request.body)
        : Object.fromEntries(request.query ?? [])) as Asked['body']
    };
    this.asked.push(asked);
    const answer =
      asked.path === 'version' ? { text: '3.17.2' } : await this.answer(asked);
    request.signal?.throwIfAborted();
    return 'text' in answer
      ? response(200, answer.text)
      : 'json' in answer
        ? response(200, JSON.stringify(answer.json))
        : response(
            answer.status,
            JSON.stringify({
              error_code: answer.code,
              message: answer.message
            })
          );
  }

  url(path: string, query: ReadonlyArray<readonly [string, string]> = []) {
    return `/forwarded/${path}?${new URLSearchParams(query.map(pair => [...pair])).toString()}`;
  }

  /** How often a path was asked. */
  count(path: string): number {
    return this.asked.filter(asked => asked.path === path).length;
  }
}

/** jsdom has no Response: what the client reads of one. */
function response(status: number, text: string): Response {
  return {
    status,
    ok: status < 400,
    headers: new Headers({ 'Content-Type': 'application/json' }),
    text: () => Promise.resolve(text)
  } as Response;
}

export const SERVER: TrackingServer = {
  id: 's1',
  name: 'team',
  origin: 'user',
  kind: 'remote',
  uri: 'http://mlflow.example:5000',
  page: 'http://mlflow.example:5000/',
  state: 'ready',
  problem: null,
  removable: true,
  minPollInterval: 1000,
  store: null
};

/** One connected tracking server, which is never polled by itself unless the test says so. */
export class FakeServers {
  constructor(private readonly _transport: ITransport) {}

  readonly queryClient = new QueryClient({
    defaultOptions: { queries: { retry: false, networkMode: 'always' } }
  });
  servers: ReadonlyArray<TrackingServer> = [SERVER];
  current: TrackingServer | null = SERVER;
  isLoading = false;
  readonly changed = new Signal<object, void>(this);
  readonly currentChanged = new Signal<object, TrackingServer | null>(this);
  readonly selected: string[] = [];
  activate(): void {}
  watch = () => ({ isDisposed: false, dispose: () => undefined });
  select(id: string): void {
    this.selected.push(id);
  }
  transport(): ITransport {
    return this._transport;
  }
  /** What `pollInterval` answers. */
  interval: number | false = false;
  pollInterval(): number | false {
    return this.interval;
  }

  /** As views take it. */
  get asServers(): ITrackingServers {
    return this as unknown as ITrackingServers;
  }
}

export const trans = nullTranslator.load('jupyter_mlflow');

/** Draws a view as it stands in a visible panel. */
export function renderView(
  node: ReactNode,
  servers: FakeServers,
  commands = new CommandRegistry()
): RenderResult {
  const services: UiServices = {
    translator: nullTranslator,
    commands,
    rendermime: null
  };
  const wrap = (child: ReactNode): JSX.Element => (
    <UiProvider services={services} visible={true}>
      <ServersProvider servers={servers.asServers}>{child}</ServersProvider>
    </UiProvider>
  );
  const result = render(wrap(node));
  return { ...result, rerender: next => result.rerender(wrap(next)) };
}

/** Gives elements a size, which jsdom does not: virtual lists draw nothing otherwise. Undo it by what is returned. */
export function withLayout(height = 400): () => void {
  const heights = jest
    .spyOn(Element.prototype, 'clientHeight', 'get')
    .mockReturnValue(height);
  const widths = jest
    .spyOn(Element.prototype, 'clientWidth', 'get')
    .mockReturnValue(300);
  return () => {
    heights.mockRestore();
    widths.mockRestore();
  };
}
