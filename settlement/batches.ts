/**
 * Commitments to runs of blocks, as the contract `Settlement` takes them, and proofs out of them.
 *
 * A record says of one block: its id, the root of the state behind it, the root of the steps in it,
 * and how much of the inbox the chain has taken in. The roots are zero as long as nobody makes them.
 */

import { bytesToHex, concatBytes, hexToBytes, writeU64 } from '../primitives/bytes.ts';
import { assert } from '../primitives/errors.ts';
import { binaryProof, binaryRoot } from '../primitives/merkle/binary.ts';
import type { B256 } from '../primitives/types.ts';
import { ZERO_B256 } from '../primitives/types.ts';
import type { BlockHeader } from '../tx/block.ts';
import type { StateParts, Step } from '../tx/stateSteps.ts';

/** A block with what its record adds. */
export type CommittedBlock = {
  readonly header: BlockHeader;
  readonly stateRoot?: B256;
  readonly stepRoot?: B256;
  /** Entries of the inbox that the chain has taken in with this block. */
  readonly inboxCount: bigint;
  /** Canonical bytes of its transactions, the mint last. */
  readonly transactions: readonly Uint8Array[];
  /** What the roots are made of; only who looks into them needs it. */
  readonly steps?: readonly Step[];
  readonly parts?: StateParts;
};

/** Consecutive blocks, oldest first. */
export type BatchOf = { readonly blocks: readonly CommittedBlock[]; readonly root: B256 };

function recordOf(block: CommittedBlock): Uint8Array {
  const count = new Uint8Array(8);
  writeU64(count, 0, block.inboxCount);
  const { header, stateRoot = ZERO_B256, stepRoot = ZERO_B256 } = block;
  return concatBytes(hexToBytes(header.id), hexToBytes(stateRoot), hexToBytes(stepRoot), count);
}

/** @param blocks at least one, heights without a gap */
export function batchOf(blocks: readonly CommittedBlock[]): BatchOf {
  assert(blocks.length > 0, 'a batch holds blocks');
  return { blocks, root: bytesToHex(binaryRoot(blocks.map(recordOf))) };
}

/** Arguments of `commitBatch`, in its order. */
export function commitArguments(
  batch: BatchOf,
  parent: B256,
  daPointer: Uint8Array,
): readonly [B256, number, B256, B256, bigint, `0x${string}`] {
  const last = batch.blocks.at(-1)!;
  const { height, id } = last.header;
  return [parent, height, batch.root, id, last.inboxCount, bytesToHex(daPointer)];
}

/** `Header` of the contract. */
export type HeaderStruct = {
  readonly prevRoot: B256;
  readonly height: number;
  readonly time: bigint;
  readonly daHeight: bigint;
  readonly consensusParametersVersion: number;
  readonly stateTransitionVersion: number;
  readonly transactionsCount: number;
  readonly messageCount: number;
  readonly transactionsRoot: B256;
  readonly outboxRoot: B256;
  readonly inboxRoot: B256;
};

/** `BlockProof` of the contract. */
export type BlockProofStruct = {
  readonly batch: bigint;
  readonly header: HeaderStruct;
  readonly stateRoot: B256;
  readonly stepRoot: B256;
  readonly inboxCount: bigint;
  readonly proof: readonly B256[];
};

/** `TxProof` of the contract. */
export type TxProofStruct = {
  readonly raw: `0x${string}`;
  readonly index: number;
  readonly proof: readonly B256[];
};

function headerStruct(header: BlockHeader): HeaderStruct {
  return {
    prevRoot: header.prevRoot,
    height: header.height,
    time: header.time,
    daHeight: header.daHeight,
    consensusParametersVersion: header.consensusParametersVersion,
    stateTransitionVersion: header.stateTransitionBytecodeVersion,
    transactionsCount: header.transactionsCount,
    messageCount: header.messageReceiptCount,
    transactionsRoot: header.transactionsRoot,
    outboxRoot: header.messageOutboxRoot,
    inboxRoot: header.eventInboxRoot,
  };
}

/** @param number of the batch in the contract; @param index of the block in the batch */
export function blockProof(number: bigint, batch: BatchOf, index: number): BlockProofStruct {
  const block = batch.blocks[index];
  assert(block !== undefined, 'the block is in the batch');
  const { proof } = binaryProof(batch.blocks.map(recordOf), index);
  return {
    batch: number,
    header: headerStruct(block.header),
    stateRoot: block.stateRoot ?? ZERO_B256,
    stepRoot: block.stepRoot ?? ZERO_B256,
    inboxCount: block.inboxCount,
    proof: proof.map(bytesToHex),
  };
}

/** @param index of the transaction in its block */
export function txProof(block: CommittedBlock, index: number): TxProofStruct {
  const raw = block.transactions[index];
  assert(raw !== undefined, 'the transaction is in the block');
  const { proof } = binaryProof(block.transactions, index);
  return { raw: bytesToHex(raw), index, proof: proof.map(bytesToHex) };
}
