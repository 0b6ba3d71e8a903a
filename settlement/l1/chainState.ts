/** FuelChainState over JSON-RPC. */
import { CodedError } from '../../primitives/errors.ts';
import type { B256 } from '../../primitives/types.ts';
import type { ChainStateContract, ChainStateTerms, CommitVerdict } from '../committer.ts';
import type { L1Hex } from '../lane.ts';
import type { L1Address } from './ports.ts';
import { type Rpc, rpcHex } from './rpc.ts';

const ABI = [
  'function commit(bytes32 blockHash, uint256 commitHeight)',
  'function blockHashAtCommit(uint256 commitHeight) view returns (bytes32)',
  'function finalized(bytes32 blockHash, uint256 blockHeight) view returns (bool)',
  'function BLOCKS_PER_COMMIT_INTERVAL() view returns (uint256)',
  'function TIME_TO_FINALIZE() view returns (uint256)',
  'function COMMIT_COOLDOWN() view returns (uint32)',
  'function NUM_COMMIT_SLOTS() view returns (uint256)',
  'event CommitSubmitted(uint256 indexed commitHeight, bytes32 blockHash)',
  'error CannotRecommit()',
  'error UnknownBlock()',
] as const;

/** Gas beyond the estimate: a slot may be written for the first time when it is mined. */
const GAS_MARGIN = 30_000n;

export type ChainState = ChainStateContract & {
  /** @throws CodedError L1_REFUSED when the contract does not know the block */
  finalized(hash: B256, height: number): Promise<boolean>;
  /** When a commit was made; null: not within the time to finalize. Unit: seconds since 1970. */
  commitTimeS(commit: number): Promise<number | null>;
};

/** Blocks in one request for logs. */
const LOG_PAGE_BLOCKS = 5_000;
/** Shortest time between two Ethereum blocks. Unit: seconds. */
const BLOCK_TIME_S = 12;

type LogRow = { blockNumber: string };

/** Newest log with these topics, at most `blocksBack` blocks old. */
async function newestLog(
  rpc: Rpc,
  address: L1Address,
  topics: readonly string[],
  blocksBack: number,
): Promise<LogRow | null> {
  const latest = Number((await rpc('eth_blockNumber', [])) as string);
  const oldest = Math.max(0, latest - blocksBack);
  for (let to = latest; to >= oldest; to -= LOG_PAGE_BLOCKS) {
    const from = Math.max(oldest, to - LOG_PAGE_BLOCKS + 1);
    const filter = { address, topics, fromBlock: rpcHex(from), toBlock: rpcHex(to) };
    const found = ((await rpc('eth_getLogs', [filter])) as LogRow[]).at(-1);
    if (found !== undefined) return found;
  }
  return null;
}

/** @param sender who would commit; any address for reading only */
export async function openChainState(
  rpc: Rpc,
  address: L1Address,
  sender: L1Address,
): Promise<ChainState> {
  const { parseAbi, encodeFunctionData, encodeEventTopics, toFunctionSelector } = await import(
    'viem'
  );
  const abi = parseAbi(ABI);
  const cannotRecommit = toFunctionSelector('CannotRecommit()');
  const call = async (data: L1Hex): Promise<L1Hex> =>
    (await rpc('eth_call', [{ from: sender, to: address, data }, 'latest'])) as L1Hex;
  const constant = async (functionName: ConstantName): Promise<number> =>
    Number(BigInt(await call(encodeFunctionData({ abi, functionName }))));
  return {
    async terms(): Promise<ChainStateTerms> {
      return {
        interval: await constant('BLOCKS_PER_COMMIT_INTERVAL'),
        timeToFinalizeS: await constant('TIME_TO_FINALIZE'),
        cooldownS: await constant('COMMIT_COOLDOWN'),
        slots: await constant('NUM_COMMIT_SLOTS'),
      };
    },
    async hashAt(commit): Promise<B256> {
      const args = [BigInt(commit)] as const;
      return call(encodeFunctionData({ abi, functionName: 'blockHashAtCommit', args }));
    },
    async finalized(hash, height): Promise<boolean> {
      const args = [hash, BigInt(height)] as const;
      const answer = await call(encodeFunctionData({ abi, functionName: 'finalized', args }));
      return BigInt(answer) === 1n;
    },
    async commitTimeS(commit): Promise<number | null> {
      const args = { commitHeight: BigInt(commit) };
      const topics = encodeEventTopics({ abi, eventName: 'CommitSubmitted', args }) as string[];
      const blocksBack = Math.ceil((await constant('TIME_TO_FINALIZE')) / BLOCK_TIME_S) + 1;
      const log = await newestLog(rpc, address, topics, blocksBack);
      if (log === null) return null;
      const block = await rpc('eth_getBlockByNumber', [log.blockNumber, false]);
      return Number((block as { timestamp: string }).timestamp);
    },
    async verdict(hash, commit): Promise<CommitVerdict> {
      const args = [hash, BigInt(commit)] as const;
      const data = encodeFunctionData({ abi, functionName: 'commit', args });
      try {
        const estimate = await rpc('eth_estimateGas', [{ from: sender, to: address, data }]);
        const gas = BigInt(estimate as string) + GAS_MARGIN;
        return { type: 'ok', call: { to: address, data, gas, value: 0n } };
      } catch (error) {
        if (!(error instanceof CodedError) || error.code !== 'L1_REFUSED') throw error;
        if (String(error.context['data'] ?? '').startsWith(cannotRecommit)) {
          return { type: 'cooldown' };
        }
        return { type: 'refused', reason: error.message };
      }
    },
  };
}

type ConstantName =
  | 'BLOCKS_PER_COMMIT_INTERVAL'
  | 'TIME_TO_FINALIZE'
  | 'COMMIT_COOLDOWN'
  | 'NUM_COMMIT_SLOTS';
