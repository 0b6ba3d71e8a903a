/**
 * What is known of earlier blocks. The reader of a frame has the chain before it; a reference is a
 * place in that chain, so the register of addresses, assets, contracts, scripts and predicates is
 * the chain itself: nobody keeps one that could be lost or differ.
 */
import { bytesToHex } from '../../primitives/bytes.ts';
import { assert } from '../../primitives/errors.ts';
import type { B256, BlockHeight, TxId } from '../../primitives/types.ts';
import { utxoKeyOf } from '../../tx/accessKeys.ts';
import type { CoinInput, ContractInput, Output, Transaction } from '../../tx/types.ts';

export type PlacedTx = { readonly id: TxId; readonly tx: Transaction };

/** The chain as far as it is known. */
export interface ChainHistory {
  /** Executed form and id of the transaction at a place; null: there is none. */
  transactionAt(height: BlockHeight, txIndex: number): PlacedTx | null;
}

/** A chain of which nothing is known. */
export const NO_HISTORY: ChainHistory = { transactionAt: () => null };

/** Values, byte strings, outputs of each that the writer remembers at most. */
export const REGISTRY_ENTRIES_MAX = 250_000;
/** Byte strings below this are not worth a reference. Unit: bytes. */
export const TEXT_BYTES_MIN = 8;

/**
 * 32-byte values of a transaction that later ones may refer to, by their place in this list.
 * @param leavesResultsOut without those that a reader does not have before execution
 */
export function idsOf(tx: Transaction, leavesResultsOut: boolean): B256[] {
  if (tx.type === 'mint') return [tx.mintAssetId, tx.inputContract.contractId];
  const ids: B256[] = [];
  for (const output of tx.outputs) {
    if (output.type === 'contract') continue;
    if (output.type === 'contractCreated') ids.push(output.contractId);
    else ids.push(output.to, output.assetId);
  }
  for (const input of tx.inputs) {
    if (input.type === 'contract') ids.push(input.contractId);
    else if (input.type === 'coin') ids.push(input.owner, input.assetId);
    else ids.push(input.recipient, input.sender);
  }
  if (tx.type === 'script' && !leavesResultsOut) ids.push(tx.receiptsRoot);
  return ids;
}

/** Byte strings of a transaction that later ones may refer to. */
export function textsOf(tx: Transaction): Uint8Array[] {
  if (tx.type === 'mint') return [];
  const texts: Uint8Array[] = tx.type === 'script' ? [tx.script, tx.scriptData] : [];
  for (const input of tx.inputs) if (input.type !== 'contract') texts.push(input.predicate);
  return texts;
}

/** What later transactions may spend. */
export function outputsOf(tx: Transaction): readonly Output[] {
  return tx.type === 'mint' ? [{ type: 'contract', ...tx.outputContract }] : tx.outputs;
}

/** Ids are looked for in byte strings up to this. Unit: bytes. */
export const SEARCHED_BYTES_MAX = 1_024;
/** Ids in byte strings lie at multiples of it, as arguments of calls do. Unit: bytes. */
export const WORD_BYTES = 8;

/** A byte string as the key of a map. */
export function textKey(text: Uint8Array): string {
  return bytesToHex(text);
}

export type Place = {
  readonly height: BlockHeight;
  readonly txIndex: number;
  /** Place in {@link idsOf} or {@link textsOf}. */
  readonly index: number;
};

type Made = { readonly height: BlockHeight; readonly txIndex: number; readonly output: Output };

/**
 * A map that forgets: when the young half is full it becomes the old half, and the old one goes.
 * Deleting single entries, as a list by age would, costs several times as much.
 */
class Recent<T> {
  #young: Map<string, T> = new Map();
  #old: Map<string, T> = new Map();

  get(key: string): T | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  set(key: string, value: T): void {
    this.#young.set(key, value);
    if (this.#young.size < REGISTRY_ENTRIES_MAX / 2) return;
    this.#old = this.#young;
    this.#young = new Map();
  }
}

/** Whether an input spends exactly this output. */
export function spends(input: CoinInput | ContractInput, output: Output): boolean {
  if (input.type === 'contract') {
    return output.type === 'contract' || output.type === 'contractCreated';
  }
  return (
    (output.type === 'coin' || output.type === 'change' || output.type === 'variable') &&
    output.to === input.owner &&
    output.amount === input.amount &&
    output.assetId === input.assetId
  );
}

/**
 * What the writer of frames remembers of the blocks it has seen: bounded, and allowed to forget,
 * since a value that it does not find is written out in full.
 */
export class Registry {
  readonly leavesResultsOut: boolean;
  readonly #ids: Recent<Place> = new Recent();
  readonly #texts: Recent<Place> = new Recent();
  readonly #outputs: Recent<Made> = new Recent();

  /** @param leavesResultsOut for all frames that are made with it */
  constructor(leavesResultsOut: boolean = false) {
    this.leavesResultsOut = leavesResultsOut;
  }

  /** Takes in an executed transaction. */
  observe(height: BlockHeight, txIndex: number, { id, tx }: PlacedTx): void {
    idsOf(tx, this.leavesResultsOut).forEach((value, index) => {
      this.#ids.set(value, { height, txIndex, index });
    });
    textsOf(tx).forEach((text, index) => {
      if (text.length >= TEXT_BYTES_MIN) {
        this.#texts.set(textKey(text), { height, txIndex, index });
      }
    });
    outputsOf(tx).forEach((output, index) => {
      this.#outputs.set(utxoKeyOf(id, index), { height, txIndex, output });
    });
  }

  id(value: B256): Place | null {
    return this.#ids.get(value) ?? null;
  }

  text(key: string): Place | null {
    return this.#texts.get(key) ?? null;
  }

  /** The output that an input spends, when it lies where the input says. */
  spent(input: CoinInput | ContractInput): Output | null {
    const { txId, outputIndex } = input.utxoId;
    const made = this.#outputs.get(utxoKeyOf(txId, outputIndex));
    if (made === undefined) return null;
    const { blockHeight, txIndex } = input.txPointer;
    const fits = made.height === blockHeight && made.txIndex === txIndex;
    return fits && spends(input, made.output) ? made.output : null;
  }
}

/** The blocks of the frame at hand before the chain before it. */
export class FrameHistory implements ChainHistory {
  readonly #before: ChainHistory;
  readonly #blocks: Map<BlockHeight, (() => PlacedTx)[]> = new Map();

  constructor(before: ChainHistory) {
    this.#before = before;
  }

  add(height: BlockHeight, txIndex: number, tx: () => PlacedTx): void {
    let block = this.#blocks.get(height);
    if (block === undefined) this.#blocks.set(height, (block = []));
    assert(block.length === txIndex, 'transactions are added in order');
    block.push(tx);
  }

  transactionAt(height: BlockHeight, txIndex: number): PlacedTx | null {
    const block = this.#blocks.get(height);
    if (block === undefined) return this.#before.transactionAt(height, txIndex);
    return block[txIndex]?.() ?? null;
  }
}
