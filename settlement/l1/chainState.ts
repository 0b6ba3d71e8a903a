/** FuelChainState over JSON-RPC. */
import { CodedError } from '../../primitives/errors.ts';
import type { B256 } from '../../primitives/types.ts';
import type { ChainStateContract, ChainStateTerms, CommitVerdict } from '../committer.ts';
import type { L1Hex } from '../lane.ts';
import type { L1Address } from './ports.ts';
import type { Rpc } from './rpc.ts';

const ABI = [
  'function commit(bytes32 blockHash, uint256 commitHeight)',
  'function blockHashAtCommit(uint256 commitHeight) view returns (bytes32)',
  'function finalized(bytes32 blockHash, uint256 blockHeight) view returns (bool)',
  'function BLOCKS_PER_COMMIT_INTERVAL() view returns (uint256)',
  'function TIME_TO_FINALIZE() view returns (uint256)',
  'function COMMIT_COOLDOWN() view returns (uint32)',
  'function NUM_COMMIT_SLOTS() view returns (uint256)',
  'error CannotRecommit()',
  'error UnknownBlock()',
] as const;

/** Gas beyond the estimate: a slot may be written for the first time when it is mined. */
const GAS_MARGIN = 30_000n;

export type ChainState = ChainStateContract & {
  /** @throws CodedError L1_REFUSED when the contract does not know the block */
  finalized(hash: B256, height: number): Promise<boolean>;
};

/** @param sender who would commit; any address for reading only */
export async function openChainState(
  rpc: Rpc,
  address: L1Address,
  sender: L1Address,
): Promise<ChainState> {
  const { parseAbi, encodeFunctionData, toFunctionSelector } = await import('viem');
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
    async verdict(hash, commit): Promise<CommitVerdict> {
      const args = [hash, BigInt(commit)] as const;
      const data = encodeFunctionData({ abi, functionName: 'commit', args });
      try {
        const estimate = await rpc('eth_estimateGas', [{ from: sender, to: address, data }]);
        const gas = BigInt(estimate as string) + GAS_MARGIN;
        return { type: 'ok', call: { to: address, data, gas } };
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
