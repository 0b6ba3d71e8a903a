/** The API over a socket. */
import { Buffer } from 'node:buffer';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CodedError } from '../primitives/errors.ts';
import { type Api, type ApiResponse, BODY_TOO_LARGE } from './graphql/api.ts';
import { answerDirectly, KEEP_ALIVE_SECONDS } from './httpDirect.ts';

export type HttpOptions = {
  readonly ip: string;
  /** 0: the operating system chooses. */
  readonly port: number;
};
export type HttpServer = {
  readonly ip: string;
  readonly port: number;
  /** Ends open streams too. */
  close(): Promise<void>;
};

/** The bodies that are read arrive within this time. */
const REQUEST_READ_MS = 60_000;
const EMPTY: Uint8Array = new Uint8Array(0);

/** Writes frames as they come; the client going away ends the source. */
async function sendStream(
  raw: ServerResponse,
  answer: ApiResponse,
  frames: AsyncIterable<string>,
): Promise<void> {
  const iterator = frames[Symbol.asyncIterator]();
  const stop = (): void => void iterator.return?.();
  raw.once('close', stop);
  raw.socket?.setNoDelay(true);
  raw.writeHead(answer.status, answer.headers);
  raw.flushHeaders();
  try {
    for (;;) {
      const { value, done } = await iterator.next();
      if (done || raw.destroyed) break;
      if (!raw.write(value)) await drained(raw);
    }
  } catch {
    // The frames of a request that fails end; what was sent stays valid.
  } finally {
    raw.off('close', stop);
    stop();
    raw.end();
  }
}

function drained(raw: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      raw.off('drain', go);
      raw.off('close', go);
      resolve();
    };
    raw.once('drain', go);
    raw.once('close', go);
  });
}

function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

/** The whole body; null when it is longer than `bytesMax` or the client goes away. */
function bodyOf(request: IncomingMessage, bytesMax: number): Promise<Uint8Array | null> {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) return Promise.resolve(null);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bytesMax) resolve(null);
      else chunks.push(chunk);
    });
    request.once('end', () => resolve(chunks.length === 0 ? EMPTY : Buffer.concat(chunks)));
    request.once('close', () => resolve(null));
  });
}

async function answerRequest(
  api: Api,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await bodyOf(request, api.bodyBytesMax);
  if (response.destroyed) return;
  const headOnly = request.method === 'HEAD';
  if (body === null) {
    // What is left of the body is not read: the connection is of no more use.
    response.shouldKeepAlive = false;
    sendText(response, BODY_TOO_LARGE, BODY_TOO_LARGE.body as string, headOnly);
    return;
  }
  const answer = await api.handle({
    path: pathOf(request.url ?? '/'),
    method: request.method ?? 'GET',
    headers: request.headers,
    body,
  });
  if (typeof answer.body === 'string') sendText(response, answer, answer.body, headOnly);
  else await sendStream(response, answer, answer.body);
}

function sendText(raw: ServerResponse, answer: ApiResponse, body: string, headOnly: boolean): void {
  raw.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(body) });
  raw.end(headOnly ? undefined : body);
}

function listen(server: Server, { ip, port }: HttpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: ip, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** @throws CodedError PORT_IN_USE, LISTEN_FAILED */
export async function startHttp(api: Api, { ip, port }: HttpOptions): Promise<HttpServer> {
  const server = createServer(
    { requestTimeout: REQUEST_READ_MS, keepAliveTimeout: KEEP_ALIVE_SECONDS * 1000 },
    (request, response) => void answerRequest(api, request, response),
  );
  const endDirect = answerDirectly(server, api);
  try {
    await listen(server, { ip, port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new CodedError('PORT_IN_USE', `Port ${port} of ${ip} is taken: choose another`, {
        ip,
        port,
      });
    }
    throw new CodedError('LISTEN_FAILED', `Cannot listen on ${ip}:${port}: ${message}`, {
      ip,
      port,
    });
  }
  const bound = server.address() as AddressInfo;
  return {
    ip: bound.address,
    port: bound.port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      endDirect();
      server.closeAllConnections();
      await closed;
    },
  };
}
