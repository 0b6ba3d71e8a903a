/** The end of a block: header, and the signature under it. */
import { bytesToHex, hexToBytes } from '../primitives/bytes.ts';
import { binaryRoot } from '../primitives/merkle/binary.ts';
import { sign } from '../primitives/secp256k1.ts';
import type { B256 } from '../primitives/types.ts';
import type { BlockHeader } from '../tx/block.ts';
import { computeHeader, transactionsRoot } from '../tx/header.ts';
import type { BlockInProgress } from './block.ts';
import type { ExecutedBlock, SealedBlock } from './ports.ts';
import { eventInboxRoot, type RelayedEvent, type RelayedFailure } from './relayed.ts';

/** Root over the ids of the messages that a block sends out. */
export function messageOutboxRoot(messageIds: readonly B256[]): B256 {
  return bytesToHex(binaryRoot(messageIds.map(hexToBytes)));
}

/** Header of what has been included; the mint must be in. */
export function headerOf(block: BlockInProgress, events: readonly RelayedEvent[]): BlockHeader {
  const { env } = block;
  return computeHeader({
    daHeight: env.daHeight,
    consensusParametersVersion: env.consensusParametersVersion,
    stateTransitionBytecodeVersion: env.stateTransitionVersion,
    transactionsCount: block.executed.length,
    messageReceiptCount: block.messageIds.length,
    transactionsRoot: transactionsRoot(block.executed.map(({ raw }) => raw)),
    messageOutboxRoot: messageOutboxRoot(block.messageIds),
    eventInboxRoot: eventInboxRoot(events),
    height: env.height,
    prevRoot: env.prevRoot,
    time: env.time,
  });
}

/** The finished, unsigned block. */
export function finishBlock(
  block: BlockInProgress,
  events: readonly RelayedEvent[],
  relayedFailures: readonly RelayedFailure[],
): ExecutedBlock {
  return {
    header: headerOf(block, events),
    transactions: block.executed,
    skipped: block.skipped,
    changes: block.overlay.changes,
    messageIds: block.messageIds,
    relayedFailures,
    ...(events.length === 0 ? {} : { inbox: events }),
    schedule: block.schedule,
  };
}

/** Signs the block id. @param secret 32 bytes, the consensus key */
export function sealBlock(executed: ExecutedBlock, secret: Uint8Array): SealedBlock {
  const signature = sign(secret, hexToBytes(executed.header.id));
  return { ...executed, consensus: { type: 'poa', signature } };
}
