/**
 * What the settlement layer sends: messages become spendable, forced transactions run first, with
 * gas price 0. A forced transaction that fails is no reason to refuse the block: it is reported.
 *
 * @source fuel-core-executor 0.48.2, fuel-core-types 0.48.2 (behaviour)
 */

import { verifyPredicates } from '../predicates/verify.ts';
import { bytesToHex, concatBytes, hexToBytes, writeU64 } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import { sha256Hex } from '../primitives/hash.ts';
import { binaryRoot } from '../primitives/merkle/binary.ts';
import type { B256, Gas, Nonce, TxId } from '../primitives/types.ts';
import { decodeTx } from '../tx/codec/index.ts';
import { maxGas } from '../tx/fees.ts';
import { messageId, txId } from '../tx/id.ts';
import type { ChargeableTx, Transaction } from '../tx/types.ts';
import { checkSignatures, checkTx, debugText } from '../tx/validity.ts';
import type { BlockInProgress } from './block.ts';
import type { MessageRecord, TxToExecute } from './ports.ts';
import { runSerially } from './serial.ts';

/** An event of the settlement layer, in its order there. */
export type RelayedEvent =
  | { readonly type: 'message'; readonly message: MessageRecord }
  | {
      readonly type: 'transaction';
      readonly nonce: Nonce;
      /** Claimed upper bound. */
      readonly maxGas: Gas;
      /** Canonical bytes, unchecked. */
      readonly raw: Uint8Array;
      readonly daHeight: bigint;
    };

/** Failed forced transactions: by event id before, by transaction id after the checks. */
export type RelayedFailure = { readonly id: TxId; readonly reason: string };

/** Identity of an event: the leaf of the inbox root. */
export function relayedEventId(event: RelayedEvent): B256 {
  if (event.type === 'message') {
    const { sender, recipient, nonce, amount, data } = event.message;
    return messageId(sender, recipient, nonce, amount, data);
  }
  const gas = new Uint8Array(8);
  writeU64(gas, 0, event.maxGas);
  return sha256Hex(concatBytes(hexToBytes(event.nonce), gas, event.raw));
}

/** `eventInboxRoot` of a block that takes in `events`. */
export function eventInboxRoot(events: readonly RelayedEvent[]): B256 {
  return bytesToHex(binaryRoot(events.map((event) => hexToBytes(relayedEventId(event)))));
}

/**
 * Inserts the messages, then runs the forced transactions.
 *
 * @param events of the DA heights after the parent's up to the block's, in order
 * @throws CodedError RELAYED_EVENT_TOO_NEW when an event is above the block's DA height
 */
export function processRelayed(
  block: BlockInProgress,
  events: readonly RelayedEvent[],
): RelayedFailure[] {
  const failures: RelayedFailure[] = [];
  const forced: TxToExecute[] = [];
  for (const event of events) {
    const daHeight = event.type === 'message' ? event.message.daHeight : event.daHeight;
    if (daHeight > block.env.daHeight) {
      throw new CodedError(
        'RELAYED_EVENT_TOO_NEW',
        'The relayer gives incorrect messages for the requested da height',
        { daHeight, blockDaHeight: block.env.daHeight },
      );
    }
    if (event.type === 'message') {
      block.overlay.changes.messagesAdded.set(event.message.nonce, event.message);
      continue;
    }
    const checked = checkForced(block, event);
    if ('reason' in checked) failures.push({ id: relayedEventId(event), reason: checked.reason });
    else forced.push(checked);
  }
  for (const job of forced) {
    const result = runSerially(block, job, 0n);
    if (!result.ok) failures.push({ id: job.id, reason: result.reason });
  }
  return failures;
}

function decodeForced(raw: Uint8Array): Transaction | null {
  try {
    return decodeTx(raw).tx;
  } catch (error) {
    if (error instanceof CodedError && error.code === 'TX_DECODE') return null;
    throw error;
  }
}

function checkForced(
  block: BlockInProgress,
  event: Extract<RelayedEvent, { type: 'transaction' }>,
): TxToExecute | { reason: string } {
  const { params } = block.env;
  const tx = decodeForced(event.raw);
  if (tx === null) return { reason: 'Failed to decode transaction' };
  if (tx.type === 'mint') return { reason: 'Transaction type is not accepted' };
  const actual = maxGas(tx, params);
  if (actual > event.maxGas) {
    const reason = `Insufficient max gas: Expected: ${event.maxGas}, Actual: ${actual}`;
    return { reason };
  }
  const id = txId(tx, params.chainId);
  const error = checkAll(block, tx, id);
  if (error !== null) return { reason: `Failed validity checks: ${error}` };
  return { id, tx, raw: event.raw, verified: true };
}

/** Debug text of the first check that fails. */
function checkAll(block: BlockInProgress, tx: ChargeableTx, id: TxId): string | null {
  const { params, height, rules } = block.env;
  const basic = checkTx(tx, height, params);
  if (!basic.ok) return `Validity(${debugText(basic.error)})`;
  const signatures = checkSignatures(tx, id);
  if (!signatures.ok) return `Validity(${debugText(signatures.error)})`;
  const predicates = verifyPredicates(tx, id, params, block.overlay, rules);
  return predicates.ok ? null : `PredicateVerificationFailed(${debugText(predicates.error)})`;
}
