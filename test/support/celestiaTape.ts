/**
 * Real answers of Celestia nodes, recorded and given again. While recording it stands between the
 * adapter and the nodes; replaying it needs no node. An answer belongs to the exact request, so what
 * is sent is checked as well: a request that was never recorded is refused, and the test fails.
 *
 * Bridge and consensus RPC share one port; methods of the bridge have a dot.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { utf8 } from '../../primitives/bytes.ts';
import { sha256Hex } from '../../primitives/hash.ts';

/** Requests longer than this are kept as a digest. Unit: characters. */
const KEY_CHARACTERS_MAX = 200;

export type TapeSource = {
  readonly url: string;
  readonly consensusUrl: string;
  readonly token: string;
};

type Request = { readonly id: number; readonly method: string; readonly params: unknown };
/** What a node answers, without the number of the request. */
type Answer = { readonly result?: unknown; readonly error?: unknown };
type Answers = Record<string, Answer[]>;
type Recorded = { readonly facts: unknown; readonly answers: Answers };

function keyOf({ method, params }: Request, isAllowed: boolean): string {
  const text = JSON.stringify(params);
  const short = text.length > KEY_CHARACTERS_MAX ? sha256Hex(utf8(text)) : text;
  return `${isAllowed ? '' : 'no token: '}${method} ${short}`;
}

export class CelestiaTape implements TapeSource {
  readonly token: string;
  /** Whatever the recorder wanted to have said with it. */
  facts: unknown;
  readonly #source: TapeSource | null;
  readonly #isOnce: boolean;
  readonly #answers: Answers;
  readonly #asked: Map<string, number> = new Map();
  /** What becomes of results on their way. */
  damage: (method: string, result: any) => unknown = (_, result) => result;
  readonly #server: Server;

  private constructor(source: TapeSource | null, isOnce: boolean, recorded: Recorded) {
    this.#source = source;
    this.#isOnce = isOnce;
    this.#answers = recorded.answers;
    this.facts = recorded.facts;
    this.token = source?.token ?? 'recorded';
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', async () => {
        const call = JSON.parse(Buffer.concat(chunks).toString()) as Request;
        const isAllowed =
          !call.method.includes('.') || request.headers.authorization === `Bearer ${this.token}`;
        const answer = await this.#answer(call, isAllowed).catch(() => null);
        if (answer === null) request.socket.destroy();
        else {
          const { result, ...rest } = answer;
          const damaged = result === undefined ? {} : { result: this.damage(call.method, result) };
          response.end(JSON.stringify({ jsonrpc: '2.0', id: call.id, ...rest, ...damaged }));
        }
      });
    });
  }

  /** @param isOnce a request has one answer, whenever it is asked: for who only reads */
  static async record(source: TapeSource, isOnce: boolean): Promise<CelestiaTape> {
    return await new CelestiaTape(source, isOnce, { facts: null, answers: {} }).#listen();
  }

  /** @param bytes what {@link recorded} gave */
  static async replay(bytes: Uint8Array): Promise<CelestiaTape> {
    const recorded = JSON.parse(brotliDecompressSync(bytes).toString()) as Recorded;
    return await new CelestiaTape(null, false, recorded).#listen();
  }

  get isReplay(): boolean {
    return this.#source === null;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get consensusUrl(): string {
    return this.url;
  }

  recorded(): Uint8Array {
    const recorded: Recorded = { facts: this.facts, answers: this.#answers };
    // One window over all: blobs are in several answers.
    const params = { [constants.BROTLI_PARAM_LGWIN]: 24 };
    return brotliCompressSync(JSON.stringify(recorded), { params });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async #answer(call: Request, isAllowed: boolean): Promise<Answer> {
    const key = keyOf(call, isAllowed);
    const known = this.#answers[key];
    if (this.#source === null) return this.#next(key, known);
    if (this.#isOnce && known !== undefined) return known[0]!;
    const answer = await ask(this.#source, call, isAllowed);
    const before = (this.#answers[key] ??= []);
    // Polling: the same refusal again says nothing new.
    const isAgain = answer.error !== undefined && isSame(before.at(-1), answer);
    if (!isAgain) before.push(answer);
    return answer;
  }

  /** In the order of the recording; the last one stays. */
  #next(key: string, known: readonly Answer[] | undefined): Answer {
    if (known === undefined) return { error: { code: -32000, message: `not recorded: ${key}` } };
    const at = this.#asked.get(key) ?? 0;
    this.#asked.set(key, at + 1);
    return known[Math.min(at, known.length - 1)]!;
  }
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

async function ask(source: TapeSource, call: Request, isAllowed: boolean): Promise<Answer> {
  const isBridge = call.method.includes('.');
  const response = await fetch(isBridge ? source.url : source.consensusUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(isBridge && isAllowed ? { authorization: `Bearer ${source.token}` } : {}),
    },
    body: JSON.stringify({ jsonrpc: '2.0', ...call }),
  });
  const { result, error } = (await response.json()) as Answer;
  return error === undefined ? { result } : { error };
}
