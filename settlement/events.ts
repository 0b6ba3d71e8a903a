/**
 * Logs of the bridge's portal to events of the inbox.
 *
 * Everything that is not one of the two events is left aside: the contracts emit others as well.
 * One of ours that does not decode stops the relayer, because leaving it out would give another
 * inbox than everybody else's.
 *
 * @source fuel-core-relayer 0.48.2 (behaviour); FuelMessagePortalV3 of @fuel-bridge/solidity-contracts
 */

import type { RelayedEvent } from '../executor/relayed.ts';
import { bytesToHex, readU64 } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import { keccak256 } from '../primitives/hash.ts';
import type { B256 } from '../primitives/types.ts';
import type { L1Address, L1Log } from './l1/ports.ts';

const topicOf = (signature: string): B256 =>
  bytesToHex(keccak256(new TextEncoder().encode(signature)));

/** Deposits and messages: sender, recipient and nonce are indexed. */
export const MESSAGE_SENT_TOPIC: B256 = topicOf(
  'MessageSent(bytes32,bytes32,uint256,uint64,bytes)',
);

/** Forced transactions: the nonce is indexed. */
export const TRANSACTION_TOPIC: B256 = topicOf('Transaction(uint256,uint64,bytes)');

const WORD = 32;

function malformed(log: L1Log, why: string): CodedError {
  return new CodedError(
    'L1_LOG_MALFORMED',
    `the contract ${log.address} emitted an event that cannot be read (${why}): check ` +
      '--relayer-v2-listening-contracts',
    { block: log.blockNumber, logIndex: log.logIndex },
  );
}

/** A word that must fit 64 bits. */
function u64At(log: L1Log, offset: number): bigint {
  const { data } = log;
  if (data.length < offset + WORD) throw malformed(log, 'too short');
  for (let i = offset; i < offset + WORD - 8; i++) {
    if (data[i] !== 0) throw malformed(log, 'a number above 64 bits');
  }
  return readU64(data, offset + WORD - 8);
}

/** Dynamic bytes whose offset stands in the word at `at`. */
function bytesAt(log: L1Log, at: number): Uint8Array {
  const offset = Number(u64At(log, at));
  if (offset > log.data.length) throw malformed(log, 'an offset outside of the data');
  const length = Number(u64At(log, offset));
  const start = offset + WORD;
  if (start + length > log.data.length) throw malformed(log, 'a length outside of the data');
  return log.data.slice(start, start + length);
}

/** null: another event. @throws CodedError L1_LOG_MALFORMED */
export function decodeInboxLog(log: L1Log): RelayedEvent | null {
  const [topic, first, second, third] = log.topics;
  if (topic === MESSAGE_SENT_TOPIC) {
    if (log.topics.length !== 4) throw malformed(log, 'topics');
    return {
      type: 'message',
      message: {
        sender: first as B256,
        recipient: second as B256,
        nonce: third as B256,
        amount: u64At(log, 0),
        data: bytesAt(log, WORD),
        daHeight: log.blockNumber,
      },
    };
  }
  if (topic === TRANSACTION_TOPIC) {
    if (log.topics.length !== 2) throw malformed(log, 'topics');
    return {
      type: 'transaction',
      nonce: first as B256,
      maxGas: u64At(log, 0),
      raw: bytesAt(log, WORD),
      daHeight: log.blockNumber,
    };
  }
  return null;
}

/** DA height of an event. */
export function daHeightOf(event: RelayedEvent): bigint {
  return event.type === 'message' ? event.message.daHeight : event.daHeight;
}

/**
 * The events among `logs`, in the order of Ethereum.
 * @throws CodedError L1_LOG_MALFORMED; L1_BAD_ANSWER when the endpoint gave what was not asked for
 */
export function inboxEvents(
  logs: readonly L1Log[],
  from: bigint,
  to: bigint,
  contracts: readonly L1Address[],
): RelayedEvent[] {
  const wanted = new Set(contracts);
  const seen = new Set<string>();
  for (const log of logs) {
    const place = `${log.blockNumber}:${log.logIndex}`;
    const fits = log.blockNumber >= from && log.blockNumber <= to && wanted.has(log.address);
    if (!fits || seen.has(place)) {
      throw new CodedError(
        'L1_BAD_ANSWER',
        'the Ethereum endpoint answered with logs that were not asked for, or twice with the same',
        { block: log.blockNumber, logIndex: log.logIndex },
      );
    }
    seen.add(place);
  }
  return [...logs]
    .sort((a, b) =>
      a.blockNumber === b.blockNumber
        ? a.logIndex - b.logIndex
        : a.blockNumber < b.blockNumber
          ? -1
          : 1,
    )
    .flatMap((log) => decodeInboxLog(log) ?? []);
}
