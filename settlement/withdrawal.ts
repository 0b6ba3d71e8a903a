/**
 * A message that leaves this chain, on its way to Ethereum: from the node's proof to the arguments
 * of the portal's `relayMessage`, and where it stands.
 *
 * @source FuelMessagePortalV3 and FuelChainState of @fuel-bridge/solidity-contracts 1.0.0
 */

import { bytesToHex } from '../primitives/bytes.ts';
import type { B256, BlockId } from '../primitives/types.ts';
import { messageId } from '../tx/id.ts';
import type { MerklePath, MessageProof } from '../tx/messageProof.ts';
import type { ChainState } from './l1/chainState.ts';

/** Identity of the message on both sides. */
export function withdrawalId(proof: MessageProof): B256 {
  const { sender, recipient, nonce, amount, data } = proof;
  return messageId(sender, recipient, nonce, amount, data);
}

type PortalProof = { readonly key: bigint; readonly proof: readonly B256[] };

/** Arguments of `relayMessage`, in its order, by the names of its structs. */
export type RelayArguments = readonly [
  message: {
    readonly sender: B256;
    readonly recipient: B256;
    readonly nonce: B256;
    readonly amount: bigint;
    readonly data: `0x${string}`;
  },
  rootBlockHeader: {
    readonly prevRoot: B256;
    readonly height: number;
    readonly timestamp: bigint;
    readonly applicationHash: B256;
  },
  blockHeader: {
    readonly prevRoot: B256;
    readonly height: number;
    readonly timestamp: bigint;
    readonly daHeight: bigint;
    readonly txCount: number;
    readonly outputMessagesCount: number;
    readonly txRoot: B256;
    readonly outputMessagesRoot: B256;
    readonly consensusParametersVersion: number;
    readonly stateTransitionBytecodeVersion: number;
    readonly eventInboxRoot: B256;
  },
  blockInHistoryProof: PortalProof,
  messageInBlockProof: PortalProof,
];

const portalProof = ({ proofIndex, proofSet }: MerklePath): PortalProof => ({
  key: BigInt(proofIndex),
  proof: proofSet,
});

export function relayArguments(proof: MessageProof): RelayArguments {
  const { sender, recipient, nonce, amount, data } = proof;
  const { messageBlockHeader: block, commitBlockHeader: root } = proof;
  return [
    { sender, recipient, nonce, amount, data: bytesToHex(data) },
    {
      prevRoot: root.prevRoot,
      height: root.height,
      timestamp: root.time,
      applicationHash: root.applicationHash,
    },
    {
      prevRoot: block.prevRoot,
      height: block.height,
      timestamp: block.time,
      daHeight: block.daHeight,
      txCount: block.transactionsCount,
      outputMessagesCount: block.messageReceiptCount,
      txRoot: block.transactionsRoot,
      outputMessagesRoot: block.messageOutboxRoot,
      consensusParametersVersion: block.consensusParametersVersion,
      stateTransitionBytecodeVersion: block.stateTransitionBytecodeVersion,
      eventInboxRoot: block.eventInboxRoot,
    },
    portalProof(proof.blockProof),
    portalProof(proof.messageProof),
  ];
}

/** Where a withdrawal of a block stands. Heights are of this chain. */
export type CommitSearch =
  /** No block behind it is on Ethereum; `dueHeight`: the first that will be. */
  | { readonly type: 'waiting'; readonly dueHeight: number }
  /** A block behind it is on Ethereum, and can still be stopped by the pauser. */
  | { readonly type: 'committed'; readonly rootHeight: number; readonly commit: number }
  | { readonly type: 'final'; readonly rootHeight: number; readonly commit: number };

/**
 * The oldest commit that proves a message of block `height`.
 * @param blockIdAt null beyond the newest block
 */
export async function findCommit(
  chainState: Pick<ChainState, 'terms' | 'hashAt' | 'finalized'>,
  height: number,
  latestHeight: number,
  blockIdAt: (height: number) => Promise<BlockId | null>,
): Promise<CommitSearch> {
  const { interval, slots } = await chainState.terms();
  const newest = Math.floor(latestHeight / interval);
  // Older ones are overwritten.
  const oldest = Math.max(Math.floor(height / interval) + 1, newest - slots + 1);
  for (let commit = oldest; commit <= newest; commit++) {
    const rootHeight = commit * interval;
    const id = await blockIdAt(rootHeight);
    if (id === null || (await chainState.hashAt(commit)) !== id) continue;
    // Later commits become final later.
    const isFinal = await chainState.finalized(id, rootHeight);
    return { type: isFinal ? 'final' : 'committed', rootHeight, commit };
  }
  return { type: 'waiting', dueHeight: Math.max(oldest, newest + 1) * interval };
}
