/** `fetch` that goes straight into the API: same answers as over HTTP, no socket. */

/** The transport-independent form of a request and its answer. */
export type ApiRequest = {
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
};
export type ApiResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | AsyncIterable<string>;
};
export type ApiHandler = { handle(request: ApiRequest): Promise<ApiResponse> };

function streamOf(parts: AsyncIterable<string>): ReadableStream<Uint8Array> {
  const iterator = parts[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

export function fetchOver(
  api: ApiHandler,
): (input: string | URL | Request, init?: RequestInit) => Promise<Response> {
  return async (input, init) => {
    const request = new Request(input, init);
    const headers: Record<string, string> = {};
    request.headers.forEach((value, name) => {
      headers[name] = value;
    });
    const answer = await api.handle({
      path: new URL(request.url).pathname,
      method: request.method,
      headers,
      body: await request.text(),
    });
    const body = typeof answer.body === 'string' ? answer.body : streamOf(answer.body);
    const hasBody = answer.status !== 204 && answer.status !== 304;
    return new Response(hasBody ? body : null, { status: answer.status, headers: answer.headers });
  };
}
