/**
 * What is read of Ethereum, over JSON-RPC.
 *
 * With several endpoints an answer counts when more than half of all agree on it; a finalized block
 * is the highest that more than half have reached.
 */

import { hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { B256 } from '../../primitives/types.ts';
import type { L1Address, L1Block, L1Log, L1Reader } from './ports.ts';
import { connectRpc, RPC_TIMEOUT_MS, type Rpc, rpcHex } from './rpc.ts';

export type L1ReaderOptions = {
  /** http, https, ws or wss. At least one. */
  readonly urls: readonly string[];
  /** Longest time for one request. */
  readonly timeoutMs?: number;
};

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
    block: (number) => blockAt(rpcHex(number)),
    logs: async (from, to, contracts) => {
      if (contracts.length === 0) return [];
      const filter = { fromBlock: rpcHex(from), toBlock: rpcHex(to), address: contracts };
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
  const timeoutMs = options.timeoutMs ?? RPC_TIMEOUT_MS;
  const rpcs = await Promise.all(options.urls.map((url) => connectRpc(url, timeoutMs)));
  const readers = rpcs.map(singleReader);
  const [only] = readers;
  return readers.length === 1 && only !== undefined ? only : majorityReader(readers);
}
