/**
 * What coins and messages become by each step of a block: by each entry of the inbox, and by each
 * transaction. All of it follows from the bytes of the block, so a wrong step can be disputed
 * without executing anything (docs/settlement.md). What contracts hold is kept in one number.
 */
import {
  bytesToHex,
  concatBytes,
  hexToBytes,
  writeU16,
  writeU32,
  writeU64,
} from '../primitives/bytes.ts';
import { assert } from '../primitives/errors.ts';
import { sha256Hex } from '../primitives/hash.ts';
import { binaryRoot } from '../primitives/merkle/binary.ts';
import { SparseMerkle, type SparseParts, type SparseProof } from '../primitives/merkle/sparse.ts';
import type { Address, AssetId, B256, Nonce, UtxoKey } from '../primitives/types.ts';
import { utxoKeyOf } from './accessKeys.ts';
import { messageId } from './id.ts';
import type { ChargeableTx, Input, Output, Transaction, TxPointer } from './types.ts';

/** Coins and messages behind a step. Amounts in units of the base asset. */
export type Step = {
  /** Root over the unspent coins. */
  readonly coins: B256;
  /** Root over the unspent messages. */
  readonly messages: B256;
  /** In contracts, or burnt as fees. */
  readonly held: bigint;
  /** In messages that the block has sent out so far. */
  readonly out: bigint;
};

/** The state behind a block: its last step, and the root over everything else. */
export type StateParts = Step & { readonly rest: B256 };

/** Bytes of an encoded step. */
export const STEP_BYTES = 96;
const U64_MASK = 0xffff_ffff_ffff_ffffn;
const COIN_VALUE_BYTES = 78;

function u128(value: bigint): Uint8Array {
  assert(value >= 0n && value >> 128n === 0n, 'contracts hold no less than nothing');
  const out = new Uint8Array(16);
  writeU64(out, 0, value >> 64n);
  writeU64(out, 8, value & U64_MASK);
  return out;
}

/** A leaf under the root of the steps. */
export function encodeStep({ coins, messages, held, out }: Step): Uint8Array {
  return concatBytes(hexToBytes(coins), hexToBytes(messages), u128(held), u128(out));
}

/** Root over the steps of a block: before it, behind each entry, behind each transaction. */
export function stepRootOf(steps: readonly Step[]): B256 {
  return bytesToHex(binaryRoot(steps.map(encodeStep)));
}

/** What a block's record holds of the state behind it. */
export function stateRootOf({ coins, messages, rest, held, out }: StateParts): B256 {
  const roots = [coins, messages, rest].map((root) => hexToBytes(root));
  return sha256Hex(concatBytes(...roots, u128(held), u128(out)));
}

/** Key of a coin in its tree. */
export function coinKey(key: UtxoKey): Uint8Array {
  return hexToBytes(key);
}

/** A coin as the tree holds it. */
export function coinValue(coin: {
  readonly owner: Address;
  readonly amount: bigint;
  readonly assetId: AssetId;
  readonly txPointer: TxPointer;
}): Uint8Array {
  const value = new Uint8Array(COIN_VALUE_BYTES);
  value.set(hexToBytes(coin.owner), 0);
  writeU64(value, 32, coin.amount);
  value.set(hexToBytes(coin.assetId), 40);
  writeU32(value, 72, coin.txPointer.blockHeight);
  writeU16(value, 76, coin.txPointer.txIndex);
  return value;
}

type SentMessage = {
  readonly sender: Address;
  readonly recipient: Address;
  readonly nonce: Nonce;
  readonly amount: bigint;
  readonly data: Uint8Array;
};

/** Key of a message in its tree. */
export function messageTreeKey(nonce: Nonce): Uint8Array {
  return hexToBytes(nonce);
}

/** A message as the tree holds it: its id. */
export function messageValue(message: SentMessage): Uint8Array {
  const { sender, recipient, nonce, amount, data } = message;
  return hexToBytes(messageId(sender, recipient, nonce, amount, data));
}

/** One change of a tree; `value` null: the key goes. */
export type TreeChange = {
  readonly tree: 'coins' | 'messages';
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
};

/** A transaction at its place. */
export type PlacedTx = {
  readonly tx: Transaction;
  readonly id: B256;
  readonly pointer: TxPointer;
  /** Messages with data are used up: not so when a script failed. */
  readonly usesData: boolean;
};

function removed(input: Input): TreeChange[] {
  if (input.type === 'contract') return [];
  if (input.type === 'message') {
    return [{ tree: 'messages', key: hexToBytes(input.nonce), value: null }];
  }
  const { txId, outputIndex } = input.utxoId;
  return [{ tree: 'coins', key: coinKey(utxoKeyOf(txId, outputIndex)), value: null }];
}

function isRetryable(input: Input): boolean {
  return input.type === 'message' && input.data.length > 0;
}

function added(output: Output, index: number, { id, pointer }: PlacedTx): TreeChange[] {
  if (!('to' in output) || output.amount === 0n) return [];
  const { to: owner, amount, assetId } = output;
  const value = coinValue({ owner, amount, assetId, txPointer: pointer });
  return [{ tree: 'coins', key: coinKey(utxoKeyOf(id, index)), value }];
}

/** The changes by a transaction, in the order in which a dispute goes through them. */
export function changesOfTx(placed: PlacedTx): TreeChange[] {
  const { tx, usesData } = placed;
  if (tx.type === 'mint') return [];
  const inputs = tx.inputs as readonly Input[];
  return [
    ...inputs.filter((input) => !isRetryable(input)).flatMap(removed),
    ...(tx.outputs as readonly Output[]).flatMap((output, i) => added(output, i, placed)),
    ...(usesData ? inputs.filter(isRetryable).flatMap(removed) : []),
  ];
}

/** Whether it matters for the trees if the program failed. */
export function hasRetryableInput(tx: Transaction): boolean {
  return tx.type === 'script' && tx.inputs.some(isRetryable);
}

/** Base asset that goes from coins and messages into contracts, fees and messages sent out. */
export function baseFlow(tx: Transaction, usesData: boolean, baseAsset: AssetId): bigint {
  if (tx.type === 'mint') return 0n;
  const { inputs, outputs } = tx as ChargeableTx;
  let flow = 0n;
  for (const input of inputs) {
    if (input.type === 'contract') continue;
    if (input.type === 'coin' && input.assetId !== baseAsset) continue;
    if (!isRetryable(input) || usesData) flow += input.amount;
  }
  for (const output of outputs) {
    if ('to' in output && output.assetId === baseAsset) flow -= output.amount;
  }
  return flow;
}

/** What L1 needs to follow one change of a tree: the path before it, and what it moves. */
export type ChangePath = { readonly proof: SparseProof; readonly sibling: SparseParts | null };

/** Coins and messages at one point of the chain. */
export class UtxoState {
  readonly coins: SparseMerkle;
  readonly messages: SparseMerkle;
  held: bigint;

  constructor(held: bigint, trees?: { coins: SparseMerkle; messages: SparseMerkle }) {
    this.coins = trees?.coins ?? new SparseMerkle();
    this.messages = trees?.messages ?? new SparseMerkle();
    this.held = held;
  }

  /** An independent copy. O(1). */
  clone(): UtxoState {
    return new UtxoState(this.held, {
      coins: this.coins.clone(),
      messages: this.messages.clone(),
    });
  }

  /** @param out in messages that the block has sent out so far */
  step(out: bigint): Step {
    const [coins, messages] = [this.coins, this.messages].map((tree) => bytesToHex(tree.root()));
    return { coins: coins!, messages: messages!, held: this.held, out };
  }

  /** @returns the path of each change before it was made */
  applyWithPaths(changes: readonly TreeChange[]): ChangePath[] {
    return changes.map((change) => {
      const path = this[change.tree].proveRemoval(change.key);
      this.apply([change]);
      return path;
    });
  }

  apply(changes: readonly TreeChange[]): void {
    for (const { tree, key, value } of changes) {
      if (value === null) this[tree].delete(key);
      else this[tree].update(key, value);
    }
  }

  /** Hashes of saved nodes that left the trees since the last call. */
  takeReplaced(): readonly Uint8Array[] {
    return [...this.coins.takeReplaced(), ...this.messages.takeReplaced()];
  }

  addMessage(message: SentMessage): void {
    this.messages.update(hexToBytes(message.nonce), messageValue(message));
  }

  /**
   * One transaction.
   * @param sent base asset in messages that it sent out
   */
  applyTx(placed: PlacedTx, sent: bigint, baseAsset: AssetId): void {
    this.apply(changesOfTx(placed));
    this.held += baseFlow(placed.tx, placed.usesData, baseAsset) - sent;
  }
}
