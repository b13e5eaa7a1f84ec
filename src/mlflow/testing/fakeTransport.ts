import { type ITransport, type MlflowRequest } from '../transport';

/** What a test answers: JSON, text, or a failure of the network. */
export interface FakeAnswer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A Response where the test environment has none: only what the client reads. */
export function fakeResponse({
  status = 200,
  body = {},
  headers = {}
}: FakeAnswer): Response {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const lower = new Map(
    Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value])
  );
  const response = {
    status,
    ok: status < 400,
    text: () => Promise.resolve(text),
    blob: () => Promise.resolve(new Blob([text])),
    headers: { get: (name: string) => lower.get(name.toLowerCase()) ?? null }
  };
  return response as unknown as Response;
}

/** For what a real server cannot be made to say; everything else is tested against real ones. */
export class FakeTransport implements ITransport {
  readonly requests: MlflowRequest[] = [];

  constructor(
    private readonly _answer: (
      request: MlflowRequest,
      index: number
    ) => FakeAnswer | Error
  ) {}

  send(request: MlflowRequest): Promise<Response> {
    this.requests.push(request);
    const answer = this._answer(request, this.requests.length - 1);
    return answer instanceof Error
      ? Promise.reject(answer)
      : Promise.resolve(fakeResponse(answer));
  }

  /** The JSON text of a request. */
  bodyOf(index: number): string {
    const { body } = this.requests[index];
    return typeof body === 'string' ? body : '';
  }

  url(
    path: string,
    query: ReadonlyArray<readonly [string, string]> = []
  ): string {
    return `https://example.org/${path}?${new URLSearchParams(query.map(([key, value]) => [key, value])).toString()}`;
  }
}
