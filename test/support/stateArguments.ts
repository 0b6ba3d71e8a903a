/** Arguments of the statements about states, over blocks with their steps. */
import assert from 'node:assert/strict';
import type { RelayedEvent } from '../../executor/relayed.ts';
import { bytesToHex } from '../../primitives/bytes.ts';
import { type B256, ZERO_B256 } from '../../primitives/types.ts';
import type { CommittedBlock } from '../../settlement/index.ts';
import { utxoKeyOf } from '../../tx/accessKeys.ts';
import { decodeTx } from '../../tx/codec/index.ts';
import { coinKey } from '../../tx/stateSteps.ts';
import { NO_OP, siblingsOf } from './blockStates.ts';
import { type Case, type Place, recovered } from './frauds.ts';

/** A block that takes in a kind of entry, and the number of that entry. */
export function entryOf(
  {
    blocks,
    events,
  }: { readonly blocks: readonly CommittedBlock[]; readonly events: readonly RelayedEvent[] },
  type: RelayedEvent['type'],
): { block: number; nonce: number } {
  const nonce = events.findIndex((event) => event.type === type);
  const block = blocks.findIndex(({ inboxCount }) => Number(inboxCount) > nonce);
  return { block, nonce };
}

/** `Message` of the contract. */
export function messageOf(event: RelayedEvent | undefined): {
  readonly sender: B256;
  readonly recipient: B256;
  readonly amount: bigint;
  readonly data: string;
} {
  if (event?.type !== 'message') {
    return { sender: ZERO_B256, recipient: ZERO_B256, amount: 0n, data: '0x' };
  }
  const { sender, recipient, amount, data } = event.message;
  return { sender, recipient, amount, data: bytesToHex(data) };
}

export function messageStepArgs(
  made: Case,
  events: readonly RelayedEvent[],
  block: number,
  nonce: number,
): readonly unknown[] {
  const before = block === 0 ? 0 : Number(made.blocks[block - 1]!.inboxCount);
  const at = nonce - before;
  const [pre, post] = [made.step(block, at), made.step(block, at + 1)];
  const op = made.states[block]!.messageOps[at] ?? NO_OP;
  return [...made.pair(block), BigInt(nonce), pre, post, messageOf(events[nonce]), op];
}

export function stepArgs(made: Case, place: Place): readonly unknown[] {
  const [blk, tx] = made.tx(place);
  const [, before] = made.pair(place.block);
  const ops = made.states[place.block]!.txOps[place.tx]!;
  return [blk, before, tx, ...made.moments(place), ops];
}

export function skippedArgs(
  made: Case,
  block: number,
  event: RelayedEvent | undefined,
): readonly unknown[] {
  assert.ok(event?.type === 'transaction');
  const { tx } = decodeTx(event.raw);
  assert.ok(tx.type === 'script');
  const { trees, steps } = made.states[block]!;
  const [start, last] = [made.taken(block), steps.length - 1];
  const coins = tx.inputs.map((input, i) => {
    assert.ok(input.type === 'coin');
    const key = coinKey(utxoKeyOf(input.utxoId.txId, input.utxoId.outputIndex));
    return {
      height: input.txPointer.blockHeight,
      index: input.txPointer.txIndex,
      key: recovered(tx, i),
      siblingsBefore: siblingsOf(trees[start]!.coins, key),
      siblingsBehind: siblingsOf(trees[last]!.coins, key),
    };
  });
  const [nonce, raw] = [BigInt(event.nonce), bytesToHex(event.raw)];
  const rest = [nonce, event.maxGas, raw, made.step(block, start), made.step(block, last), coins];
  return [...made.pair(block), ...rest];
}
