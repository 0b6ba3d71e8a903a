/** The API over a socket. */
import { Buffer } from 'node:buffer';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { CodedError } from '../primitives/errors.ts';
import { type Api, type ApiResponse, BODY_TOO_LARGE } from './graphql/api.ts';
import { answerDirectly } from './httpDirect.ts';

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
  reply: FastifyReply,
  answer: ApiResponse,
  frames: AsyncIterable<string>,
): Promise<void> {
  reply.hijack();
  const { raw } = reply;
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

function drained(raw: FastifyReply['raw']): Promise<void> {
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

async function answerRequest(
  api: Api,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const answer = await api.handle({
    path: pathOf(request.raw.url ?? '/'),
    method: request.method,
    headers: request.headers,
    body: request.body instanceof Uint8Array ? request.body : EMPTY,
  });
  if (typeof answer.body !== 'string') {
    await sendStream(reply, answer, answer.body);
    return;
  }
  sendText(reply, answer, answer.body, request.method === 'HEAD');
}

/** Past fastify's serialisers and hooks: there is nothing for them to do. */
function sendText(reply: FastifyReply, answer: ApiResponse, body: string, headOnly: boolean): void {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(body) });
  raw.end(headOnly ? undefined : body);
}

function createServer(api: Api): FastifyInstance {
  const server = Fastify({
    bodyLimit: api.bodyBytesMax,
    requestTimeout: REQUEST_READ_MS,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    logger: false,
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  server.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) => {
    const tooLarge = error.statusCode === 413;
    const status = error.statusCode ?? 500;
    const { headers } = BODY_TOO_LARGE;
    const body = tooLarge ? (BODY_TOO_LARGE.body as string) : error.message;
    sendText(reply, { status, headers, body }, body, false);
  });
  const handler = (request: FastifyRequest, reply: FastifyReply): Promise<void> =>
    answerRequest(api, request, reply);
  server.all('/*', handler);
  server.setNotFoundHandler(handler);
  return server;
}

/** @throws CodedError PORT_IN_USE, LISTEN_FAILED */
export async function startHttp(api: Api, { ip, port }: HttpOptions): Promise<HttpServer> {
  const server = createServer(api);
  const endDirect = answerDirectly(server.server, api);
  try {
    await server.listen({ host: ip, port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    await server.close();
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
  const bound = server.server.address() as AddressInfo;
  return {
    ip: bound.address,
    port: bound.port,
    async close() {
      const closed = server.close();
      endDirect();
      await closed;
    },
  };
}
