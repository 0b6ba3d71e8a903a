/**
 * Ethereum over JSON-RPC. The library is loaded with the first reader, so that a node without one
 * does not pay for it at start.
 *
 * With several endpoints an answer counts when more than half of all agree on it; a finalized block
 * is the highest that more than half have reached.
 */

import { hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { B256 } from '../../primitives/types.ts';
import type { L1Address, L1Block, L1Log, L1Reader } from './ports.ts';

export type L1ReaderOptions = {
  /** http, https, ws or wss. At least one. */
  readonly urls: readonly string[];
  /** Longest time for one request. */
  readonly timeoutMs?: number;
};

/** A page of logs of a public endpoint may take long. */
const TIMEOUT_MS = 20_000;
/** Repeats of one request before it counts as failed. */
const RETRIES = 2;

type Rpc = (method: string, params: readonly unknown[]) => Promise<unknown>;
type RawBlock = { number: string | null; hash: B256 | null } | null;
type RawLog = {
  address: string;
  topics: B256[];
  data: `0x${string}`;
  blockNumber: string | null;
  blockHash: B256;
  logIndex: string;
  removed?: boolean;
};

/** An error of the endpoint's own answer, as against no answer. */
function isRefusal(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'number' && Number.isInteger(code)) return true;
  }
  return false;
}

function shortText(error: unknown): string {
  const short = (error as { shortMessage?: unknown }).shortMessage;
  const details = (error as { details?: unknown }).details;
  if (typeof short === 'string') return typeof details === 'string' ? `${short} ${details}` : short;
  return error instanceof Error ? error.message : String(error);
}

async function connect(url: string, timeoutMs: number): Promise<Rpc> {
  const { createPublicClient, http, webSocket } = await import('viem');
  const isSocket = /^wss?:/i.test(url);
  const options = { timeout: timeoutMs, retryCount: RETRIES };
  const transport = isSocket ? webSocket(url, options) : http(url, options);
  const client = createPublicClient({ transport });
  const request = client.request as (call: {
    method: string;
    params: readonly unknown[];
  }) => Promise<unknown>;
  return async (method, params) => {
    try {
      return await request({ method, params });
    } catch (error) {
      const code = isRefusal(error) ? 'L1_REFUSED' : 'L1_UNAVAILABLE';
      // The address may hold a key: only its host is shown.
      const host = URL.canParse(url) ? new URL(url).host : 'the Ethereum endpoint';
      throw new CodedError(code, `${host}: ${method}: ${shortText(error)}`, { method }, error);
    }
  };
}

function blockOf(raw: RawBlock): L1Block | null {
  if (raw === null || raw.number === null || raw.hash === null) return null;
  return { number: BigInt(raw.number), hash: raw.hash };
}

function logOf(raw: RawLog): L1Log {
  if (raw.blockNumber === null || raw.removed === true) {
    throw new CodedError(
      'L1_BAD_ANSWER',
      'the Ethereum endpoint answered with logs that are not in a block',
    );
  }
  return {
    address: raw.address.toLowerCase() as L1Address,
    topics: raw.topics,
    data: hexToBytes(raw.data),
    blockNumber: BigInt(raw.blockNumber),
    blockHash: raw.blockHash,
    logIndex: Number(raw.logIndex),
  };
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

function singleReader(rpc: Rpc): L1Reader {
  const blockAt = async (tag: string): Promise<L1Block | null> =>
    blockOf((await rpc('eth_getBlockByNumber', [tag, false])) as RawBlock);
  return {
    chainId: async () => BigInt((await rpc('eth_chainId', [])) as string),
    syncing: async () => (await rpc('eth_syncing', [])) !== false,
    finalized: async () => {
      const block = await blockAt('finalized');
      if (block !== null) return block;
      throw new CodedError('L1_UNAVAILABLE', 'the Ethereum endpoint knows no finalized block yet');
    },
    block: (number) => blockAt(hex(number)),
    logs: async (from, to, contracts) => {
      if (contracts.length === 0) return [];
      const filter = { fromBlock: hex(from), toBlock: hex(to), address: contracts };
      return ((await rpc('eth_getLogs', [filter])) as RawLog[]).map(logOf);
    },
  };
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'bigint'
      ? `${part}n`
      : part instanceof Uint8Array
        ? Buffer.from(part).toString('hex')
        : part,
  );
}

/** Answers on which more than half agree. */
export function majorityReader(readers: readonly L1Reader[]): L1Reader {
  const needed = Math.floor(readers.length / 2) + 1;
  const all = async <T>(ask: (reader: L1Reader) => Promise<T>): Promise<T[]> => {
    const settled = await Promise.allSettled(readers.map(ask));
    const answers = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    if (answers.length >= needed) return answers;
    const failed = settled.find((each) => each.status === 'rejected');
    throw failed?.reason;
  };
  const agreed = async <T>(ask: (reader: L1Reader) => Promise<T>): Promise<T> => {
    const votes = new Map<string, { answer: T; count: number }>();
    for (const answer of await all(ask)) {
      const text = textOf(answer);
      const vote = votes.get(text) ?? { answer, count: 0 };
      vote.count += 1;
      if (vote.count >= needed) return answer;
      votes.set(text, vote);
    }
    throw new CodedError('L1_UNAVAILABLE', 'the Ethereum endpoints do not agree with each other');
  };
  return {
    chainId: () => agreed((reader) => reader.chainId()),
    syncing: async () => {
      const answers = await all((reader) => reader.syncing());
      return answers.filter((isSyncing) => !isSyncing).length < needed;
    },
    finalized: async () => {
      const blocks = await all((reader) => reader.finalized());
      blocks.sort((a, b) => (a.number < b.number ? 1 : -1));
      const { number } = blocks[needed - 1]!;
      const block = await agreed((reader) => reader.block(number));
      if (block !== null) return block;
      throw new CodedError('L1_UNAVAILABLE', `the Ethereum endpoints lack block ${number}`);
    },
    block: (number) => agreed((reader) => reader.block(number)),
    logs: (from, to, contracts) => agreed((reader) => reader.logs(from, to, contracts)),
  };
}

/** Connects lazily: no request is made before the first question. */
export async function openL1Reader(options: L1ReaderOptions): Promise<L1Reader> {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const rpcs = await Promise.all(options.urls.map((url) => connect(url, timeoutMs)));
  const readers = rpcs.map(singleReader);
  const [only] = readers;
  return readers.length === 1 && only !== undefined ? only : majorityReader(readers);
}
