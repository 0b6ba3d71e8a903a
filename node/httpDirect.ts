/**
 * The short way through HTTP: a complete POST in one read is answered by one write, past Node's
 * request and response objects, which cost more than most requests themselves.
 *
 * Anything out of the ordinary (another method or path, a header that means work, a body in
 * parts, a second request before the answer) hands the connection to Node's own server, for good.
 */
import { Buffer } from 'node:buffer';
import type { Server } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Api, ApiResponse } from './graphql/api.ts';

/** Idle connections are closed after this, as by Node's server. */
export const KEEP_ALIVE_SECONDS = 72;
/** Longer heads are left to Node, which has a limit of its own. */
const HEAD_BYTES_MAX = 8192;
/** Heads that are kept: the clients of a connection send the same one again and again. */
const KNOWN_HEADS_MAX = 512;

const REQUEST_LINE = /^POST (\/[!-~]*) HTTP\/1\.1$/;
const HEADER_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*((?:[!-~]+(?:[ \t]+[!-~]+)*)?)[ \t]*$/;
const LENGTH = /^[0-9]{1,9}$/;

type Head = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyBytes: number;
};

/** What a head says, or null when Node shall read it. */
export function readHead(text: string): Head | null {
  const [first = '', ...lines] = text.split('\r\n');
  const path = REQUEST_LINE.exec(first)?.[1];
  if (path === undefined) return null;
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const match = HEADER_LINE.exec(line);
    if (match === null) return null;
    const name = (match[1] as string).toLowerCase();
    // Which of two counts is a question with rules of its own.
    if (headers[name] !== undefined) return null;
    headers[name] = match[2] as string;
  }
  const { host, connection, expect, upgrade } = headers;
  const length = headers['content-length'];
  if (host === undefined || length === undefined || !LENGTH.test(length)) return null;
  if (expect !== undefined || upgrade !== undefined) return null;
  if (headers['transfer-encoding'] !== undefined || headers['trailer'] !== undefined) return null;
  if (connection !== undefined && connection.toLowerCase() !== 'keep-alive') return null;
  const query = path.indexOf('?');
  return {
    path: query < 0 ? path : path.slice(0, query),
    headers,
    bodyBytes: Number(length),
  };
}

/** Bounded: the oldest half goes when it is full. */
class KnownHeads {
  #young: Map<string, Head | null> = new Map();
  #old: Map<string, Head | null> = new Map();

  get(text: string): Head | null {
    const known = this.#young.get(text);
    if (known !== undefined) return known;
    const head = this.#old.get(text) ?? readHead(text);
    this.#young.set(text, head);
    if (this.#young.size >= KNOWN_HEADS_MAX / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    return head;
  }
}

/** Head of an answer, made once for each set of headers. */
class AnswerHeads {
  readonly #fixed: WeakMap<ApiResponse['headers'], Map<number, string>> = new WeakMap();
  #second = 0;
  #date = '';

  text({ status, headers }: ApiResponse, bodyBytes: number): string {
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#date = new Date(second * 1000).toUTCString();
    }
    return (
      `${this.#fixedPart(status, headers)}content-length: ${bodyBytes}\r\nDate: ${this.#date}\r\n` +
      `Connection: keep-alive\r\nKeep-Alive: timeout=${KEEP_ALIVE_SECONDS}\r\n\r\n`
    );
  }

  /** The API has a handful of sets of headers, all constant. */
  #fixedPart(status: number, headers: ApiResponse['headers']): string {
    let ofHeaders = this.#fixed.get(headers);
    if (ofHeaders === undefined) this.#fixed.set(headers, (ofHeaders = new Map()));
    let text = ofHeaders.get(status);
    if (text === undefined) {
      text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
      for (const [name, value] of Object.entries(headers)) text += `${name}: ${value}\r\n`;
      ofHeaders.set(status, text);
    }
    return text;
  }
}

type Shared = {
  readonly api: Api;
  readonly heads: KnownHeads;
  readonly answers: AnswerHeads;
  readonly open: Set<Connection>;
  readonly giveUp: (socket: Socket) => void;
};

class Connection {
  readonly #socket: Socket;
  readonly #shared: Shared;
  #busy = false;
  /** The client does not read as fast as it is answered. */
  #draining = false;
  #ended = false;
  /** Arrived before the answer to what came first. */
  #early: Buffer[] = [];

  constructor(socket: Socket, shared: Shared) {
    this.#socket = socket;
    this.#shared = shared;
    shared.open.add(this);
    socket.setNoDelay(true);
    socket.setTimeout(KEEP_ALIVE_SECONDS * 1000);
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('timeout', this.#onTimeout);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#busy) {
      this.#early.push(chunk);
      this.#socket.pause();
      return;
    }
    const headBytes = chunk.indexOf('\r\n\r\n');
    const isShort = headBytes > 0 && headBytes <= HEAD_BYTES_MAX;
    const head = isShort ? this.#shared.heads.get(chunk.toString('latin1', 0, headBytes)) : null;
    const { api } = this.#shared;
    if (
      head === null ||
      chunk.length !== headBytes + 4 + head.bodyBytes ||
      head.bodyBytes > api.bodyBytesMax ||
      !api.textPaths.has(head.path)
    ) {
      this.#handOver([chunk]);
      return;
    }
    this.#busy = true;
    const { path, headers } = head;
    const request = { path, method: 'POST', headers, body: chunk.subarray(headBytes + 4) };
    api.handle(request).then(this.#answer);
  };

  readonly #answer = (answer: ApiResponse): void => {
    this.#busy = false;
    const socket = this.#socket;
    if (!socket.writable) return;
    const body = answer.body as string;
    const bodyBytes = Buffer.byteLength(body);
    const text = this.#shared.answers.text(answer, bodyBytes) + body;
    const flushed = socket.write(text, bodyBytes === body.length ? 'latin1' : 'utf8');
    if (flushed) {
      this.#goOn();
      return;
    }
    this.#busy = true;
    this.#draining = true;
    socket.once('drain', this.#goOn);
  };

  readonly #goOn = (): void => {
    this.#busy = false;
    this.#draining = false;
    const socket = this.#socket;
    if (this.#early.length > 0) this.#handOver(this.#early);
    else if (this.#ended) socket.end();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    if (!this.#busy) this.#socket.end();
  };
  readonly #onTimeout = (): void => {
    if (!this.#busy || this.#draining) this.#socket.destroy();
  };
  readonly #onError = (): void => {
    this.#socket.destroy();
  };
  readonly #onClose = (): void => {
    this.#shared.open.delete(this);
  };

  #handOver(chunks: readonly Buffer[]): void {
    const socket = this.#socket;
    this.#shared.open.delete(this);
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('timeout', this.#onTimeout);
    socket.off('error', this.#onError);
    socket.off('close', this.#onClose);
    socket.setTimeout(0);
    socket.pause();
    socket.unshift(Buffer.concat(chunks));
    this.#shared.giveUp(socket);
    socket.resume();
  }
}

/** Puts the short way before the connections of `server`. @returns what ends the open ones */
export function answerDirectly(server: Server, api: Api): () => void {
  const ordinary = server.listeners('connection') as ((this: Server, socket: Socket) => void)[];
  const giveUp = (socket: Socket): void => {
    for (const each of ordinary) each.call(server, socket);
  };
  const open = new Set<Connection>();
  const shared: Shared = {
    api,
    heads: new KnownHeads(),
    answers: new AnswerHeads(),
    open,
    giveUp,
  };
  let closing = false;
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    if (closing) giveUp(socket);
    else new Connection(socket, shared);
  });
  return () => {
    closing = true;
    for (const connection of open) connection.destroy();
  };
}
