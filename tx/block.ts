/** Block headers, consensus and blocks. @source fuel-core-types 0.48.2 (behaviour) */
import type { B256, BlockHeight, BlockId, Tai64 } from '../primitives/types.ts';

export type BlockHeader = {
  /** u64: height of the DA layer (L1) up to which messages were taken in. */
  daHeight: bigint;
  consensusParametersVersion: number;
  stateTransitionBytecodeVersion: number;
  /** u16. */
  transactionsCount: number;
  /** u32. */
  messageReceiptCount: number;
  transactionsRoot: B256;
  messageOutboxRoot: B256;
  eventInboxRoot: B256;
  height: BlockHeight;
  prevRoot: B256;
  time: Tai64;
  /** Derived: sha256 over the application part. */
  applicationHash: B256;
  /** Derived. */
  id: BlockId;
};

export type GenesisConsensus = {
  type: 'genesis';
  chainConfigHash: B256;
  coinsRoot: B256;
  contractsRoot: B256;
  messagesRoot: B256;
  transactionsRoot: B256;
};
export type PoaConsensus = {
  type: 'poa';
  /** 64-byte compact secp256k1 signature of the block id. */
  signature: Uint8Array;
};
export type Consensus = GenesisConsensus | PoaConsensus;
