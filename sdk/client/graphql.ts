/**
 * A node's GraphQL API over `fetch`: one request, one subscription. Every action beside this file
 * takes such a client; a bundle holds only the actions that are used.
 */
import { CodedError } from '../../primitives/errors.ts';

export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

export type Variables = Readonly<Record<string, unknown>>;

/** A node as its clients see it. */
export type Client = {
  readonly url: string;
  /** @throws CodedError NODE_UNREACHABLE, NODE_ANSWER, GRAPHQL (the node's own message) */
  request<T>(query: string, variables?: Variables): Promise<T>;
  /** Payloads of a subscription until its end, or until the loop over it is left. */
  subscribe<T>(query: string, variables?: Variables): AsyncIterable<T>;
};

export type ClientOptions = {
  /** GraphQL URL, or the address of the node: `/v1/graphql` is then added. */
  readonly url: string;
  /** Default: the platform's. `createNode` has one that needs no socket. */
  readonly fetch?: Fetch;
  /** A request without an answer after this long has failed. Unit: ms. */
  readonly timeoutMs?: number;
};

/** Unit: ms. */
export const REQUEST_TIMEOUT_MS: number = 30_000;
/** One event of a subscription; longer ones are refused. Unit: characters. */
export const EVENT_CHARS_MAX: number = 64 * 1024 * 1024;

type Answer<T> = { data?: T | null; errors?: { message: string }[] };

/** @throws CodedError NODE_URL */
export function createClient(options: ClientOptions): Client {
  const url = endpointOf(options.url);
  const send: Fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const timeoutMs = options.timeoutMs ?? REQUEST_TIMEOUT_MS;
  return {
    url,
    async request<T>(query: string, variables: Variables = {}): Promise<T> {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await post(send, url, { query, variables }, signal);
      return unwrap(await readAnswer<T>(response, url));
    },
    subscribe: <T>(query: string, variables: Variables = {}) =>
      events<T>(send, `${url}-sub`, { query, variables }),
  };
}

/**
 * The address of a node as people write it: with or without `http://`.
 * @throws CodedError NODE_URL
 */
export function nodeUrl(text: string): URL {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  if (text.trim() !== '' && (!hasScheme || /^https?:/i.test(text))) {
    try {
      return new URL(hasScheme ? text : `http://${text}`);
    } catch {
      // Said below.
    }
  }
  throw new CodedError(
    'NODE_URL',
    `'${text}' is no address of a node; write it like http://127.0.0.1:4000`,
  );
}

function endpointOf(text: string): string {
  const url = nodeUrl(text);
  if (url.pathname === '/') url.pathname = '/v1/graphql';
  return url.href.replace(/\/$/, '');
}

async function post(
  send: Fetch,
  url: string,
  body: unknown,
  signal: AbortSignal,
): Promise<Response> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  try {
    return await send(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
  } catch (cause) {
    const why = cause instanceof Error && cause.name === 'TimeoutError' ? ' in time' : '';
    throw new CodedError(
      'NODE_UNREACHABLE',
      `no node answers${why} at ${url}; start one with 'fuelrail run', or name another address`,
      { url },
      cause,
    );
  }
}

async function readAnswer<T>(response: Response, url: string): Promise<Answer<T>> {
  const text = await response.text();
  try {
    return JSON.parse(text) as Answer<T>;
  } catch (cause) {
    throw new CodedError(
      'NODE_ANSWER',
      `${url} answered with status ${response.status} and something that is no GraphQL: is it a Fuel node?`,
      { status: response.status },
      cause,
    );
  }
}

function unwrap<T>(answer: Answer<T>): T {
  if (answer.errors !== undefined && answer.errors.length > 0) {
    throw new CodedError('GRAPHQL', answer.errors.map(({ message }) => message).join('; '));
  }
  if (answer.data == null) throw new CodedError('NODE_ANSWER', 'the node answered without data');
  return answer.data;
}

async function* events<T>(
  send: Fetch,
  url: string,
  body: unknown,
): AsyncGenerator<T, void, undefined> {
  const stop = new AbortController();
  try {
    const response = await post(send, url, body, stop.signal);
    if (response.body === null) throw new CodedError('NODE_ANSWER', 'the subscription is empty');
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of chunksOf(response.body)) {
      text += decoder.decode(chunk, { stream: true });
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      if (text.length > EVENT_CHARS_MAX) {
        throw new CodedError('NODE_ANSWER', 'an event of the subscription is too long');
      }
      for (const part of parts) {
        const data = part.split('\n').filter((line) => line.startsWith('data:'));
        if (data.length === 0) continue;
        yield unwrap(JSON.parse(data.map((line) => line.slice(5)).join('\n')) as Answer<T>);
      }
    }
  } finally {
    stop.abort();
  }
}

/** Browsers do not iterate over streams yet. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
