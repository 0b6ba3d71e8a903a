/** Blocks to streams. The other direction is `decode.ts`; the form is in `transaction.ts`. */
import { equalBytes, hexToBytes } from '../../primitives/bytes.ts';
import { assert, CodedError } from '../../primitives/errors.ts';
import type { B256, BlockHeight, TxId } from '../../primitives/types.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { decodeTx, encodeTx } from '../../tx/codec/transaction.ts';
import { encodeConsensus } from '../../tx/consensus.ts';
import { txId } from '../../tx/id.ts';
import type { CoinInput, ContractInput, Transaction } from '../../tx/types.ts';
import type { DaBlock } from '../block.ts';
import { ByteSink } from '../varint.ts';
import type { Coder, CompactForm, NumberStream, Spent } from './coder.ts';
import { codeHeader, codeInbox } from './header.ts';
import {
  type ChainHistory,
  outputsOf,
  type Registry,
  SEARCHED_BYTES_MAX,
  spends,
  TEXT_BYTES_MIN,
  textKey,
  WORD_BYTES,
} from './history.ts';
import { newSinks, type Sinks } from './streams.ts';
import { codeTransaction } from './transaction.ts';

/** Longest form of a transaction; longer ones are written as they are. Unit: bytes. */
export const SHAPE_BYTES_MAX = 8_192;
/** Values that a frame counts through; later ones are written in full. */
export const DICTIONARY_ENTRIES_MAX: number = 1 << 20;
/** Trailing decimal zeros that are taken off an amount. */
export const EXPONENT_MAX = 18;

const EMPTY = new Uint8Array(0);

/** A block and, where they are known already, the ids of its transactions. */
export type BlockToWrite = { readonly block: DaBlock; readonly ids: readonly TxId[] | null };

export type WriteContext = {
  readonly chainId: bigint;
  readonly registry: Registry;
  /** Asked where the registry has forgotten. */
  readonly history: ChainHistory;
};

class Writer implements Coder {
  readonly isWriting = true;
  readonly form: CompactForm;
  readonly sinks: Sinks = newSinks();
  height: BlockHeight = 0;
  txIndex: number = 0;
  readonly #context: WriteContext;
  readonly #ids: Map<B256, number> = new Map([[ZERO_B256, 0]]);
  readonly #texts: Map<string, number> = new Map([[textKey(EMPTY), 0]]);
  readonly #shapes: Map<string, number> = new Map();
  #shape: ByteSink = new ByteSink();

  constructor(context: WriteContext) {
    this.#context = context;
    this.form = { findsIds: true, leavesResultsOut: context.registry.leavesResultsOut };
  }

  shape(value: number | undefined): number {
    this.#shape.varint(value!);
    return value!;
  }

  /** Ends the form of a transaction: a known one is one number. */
  endShape(): void {
    const bytes = this.#shape.done();
    const key = textKey(bytes);
    const known = this.#shapes.get(key);
    this.sinks.shape.varint(known ?? 0);
    if (known === undefined) {
      this.sinks.shapeDef.varint(bytes.length);
      this.sinks.shapeDef.bytes(bytes);
      this.#shapes.set(key, this.#shapes.size + 1);
    }
    this.#shape = new ByteSink();
  }

  number(stream: NumberStream, value: number | undefined): number {
    this.sinks[stream].varint(value!);
    return value!;
  }

  big(stream: NumberStream, value: bigint | undefined): bigint {
    this.sinks[stream].bigVarint(value!);
    return value!;
  }

  amount(value: bigint | undefined): bigint {
    let rest = value!;
    let exponent = 0;
    while (exponent < EXPONENT_MAX && rest !== 0n && rest % 10n === 0n) {
      rest /= 10n;
      exponent += 1;
    }
    this.sinks.exponent.byte(exponent);
    this.sinks.amount.bigVarint(rest);
    return value!;
  }

  signed(stream: NumberStream, value: bigint | undefined): bigint {
    this.sinks[stream].bigVarint(value! < 0n ? -2n * value! - 1n : 2n * value!);
    return value!;
  }

  #reference(place: { height: BlockHeight; txIndex: number; index: number }): void {
    this.sinks.refHeight.varint(this.height - place.height);
    this.sinks.refTx.varint(place.txIndex);
    this.sinks.refValue.varint(place.index);
  }

  id(value: B256 | undefined): B256 {
    const { id } = this.sinks;
    const known = this.#ids.get(value!);
    if (known !== undefined) {
      id.varint(known + 2);
      return value!;
    }
    const place = this.#context.registry.id(value!);
    id.byte(place === null ? 0 : 1);
    if (place === null) this.literal(value);
    else this.#reference(place);
    if (this.#ids.size < DICTIONARY_ENTRIES_MAX) this.#ids.set(value!, this.#ids.size);
    return value!;
  }

  literal(value: B256 | undefined): B256 {
    this.sinks.literal.bytes(hexToBytes(value!));
    return value!;
  }

  text(value: Uint8Array | undefined): Uint8Array {
    const { text } = this.sinks;
    const key = textKey(value!);
    const known = this.#texts.get(key);
    if (known !== undefined) {
      text.varint(known + 2);
      return value!;
    }
    const place = value!.length < TEXT_BYTES_MIN ? null : this.#context.registry.text(key);
    text.byte(place === null ? 0 : 1);
    if (place === null) this.#newText(value!, key);
    else this.#reference(place);
    if (this.#texts.size < DICTIONARY_ENTRIES_MAX) this.#texts.set(key, this.#texts.size);
    return value!;
  }

  /** Length, the ids in it that are known, and the bytes around them. */
  #newText(value: Uint8Array, key: string): void {
    this.sinks.textLength.varint(value.length);
    const places: number[] = [];
    const last = value.length > SEARCHED_BYTES_MAX ? -1 : value.length - 32;
    for (let at = 0; at <= last; ) {
      const isKnown = this.#isKnown(idAt(key, at));
      if (isKnown) places.push(at);
      at += isKnown ? 32 : WORD_BYTES;
    }
    this.sinks.textId.varint(places.length);
    let done = 0;
    for (const at of places) {
      this.sinks.textId.varint((at - done) / WORD_BYTES);
      this.id(idAt(key, at));
      this.sinks.textBytes.bytes(value.subarray(done, at));
      done = at + 32;
    }
    this.sinks.textBytes.bytes(value.subarray(done));
  }

  #isKnown(id: B256): boolean {
    return this.#ids.has(id) || this.#context.registry.id(id) !== null;
  }

  bytes(value: Uint8Array | undefined): Uint8Array {
    this.sinks.textLength.varint(value!.length);
    this.sinks.textBytes.bytes(value!);
    return value!;
  }

  signature(value: Uint8Array | undefined): Uint8Array {
    this.sinks.signature.bytes(value!);
    return value!;
  }

  spent(input: CoinInput | ContractInput): Spent | null {
    const { blockHeight, txIndex } = input.txPointer;
    if (blockHeight > this.height) return null;
    const { txId: made, outputIndex } = input.utxoId;
    const remembered = this.#context.registry.spent(input);
    if (remembered !== null) return { txId: made, output: remembered };
    const placed = this.#context.history.transactionAt(blockHeight, txIndex);
    const output = placed?.id === made ? outputsOf(placed.tx)[outputIndex] : undefined;
    return output !== undefined && spends(input, output) ? { txId: made, output } : null;
  }

  pointer(input: CoinInput | ContractInput | undefined): ReturnType<Coder['pointer']> {
    const found = this.spent(input!);
    assert(found !== null, 'a pointer is written only where it leads somewhere');
    const { blockHeight, txIndex } = input!.txPointer;
    const { outputIndex } = input!.utxoId;
    this.sinks.inHeight.varint(this.height - blockHeight);
    this.sinks.inTx.varint(txIndex);
    this.sinks.inOutput.varint(outputIndex);
    return { ...found, blockHeight, txIndex, outputIndex };
  }
}

/** The 32 bytes at a place of a text. @param key of the text */
function idAt(key: string, at: number): B256 {
  return `0x${key.slice(2 + 2 * at, 66 + 2 * at)}`;
}

/** The transaction, when its canonical form is exactly these bytes and its shape is small. */
function compactable(raw: Uint8Array): Transaction | null {
  try {
    const { tx } = decodeTx(raw);
    if (tx.type !== 'mint') {
      const parts = tx.inputs.length + tx.outputs.length + tx.witnesses.length;
      if (16 * (parts + 4) > SHAPE_BYTES_MAX) return null;
    }
    return equalBytes(encodeTx(tx), raw) ? tx : null;
  } catch (error) {
    if (error instanceof CodedError) return null;
    throw error;
  }
}

function writeTransaction(writer: Writer, raw: Uint8Array, tx: Transaction | null): void {
  writer.shape(tx === null ? 1 : 0);
  if (tx === null) writer.bytes(raw);
  else codeTransaction(writer, tx);
  writer.endShape();
}

/** Takes a transaction of a block into the registry. */
function observe(
  { registry, chainId }: Pick<WriteContext, 'registry' | 'chainId'>,
  { block, ids }: BlockToWrite,
  txIndex: number,
  tx: Transaction,
): void {
  const id = ids?.[txIndex] ?? txId(tx, chainId);
  registry.observe(block.header.height, txIndex, { id, tx });
}

/** Fills a registry with blocks that were written earlier, heights ascending. */
export function observeBlocks(
  blocks: readonly BlockToWrite[],
  context: Pick<WriteContext, 'registry' | 'chainId'>,
): void {
  for (const each of blocks) {
    each.block.transactions.forEach((raw, txIndex) => {
      const tx = compactable(raw);
      if (tx !== null) observe(context, each, txIndex, tx);
    });
  }
}

/**
 * The streams of a run of blocks, heights ascending. What is written enters the registry: the
 * frame must be sent, or the registry thrown away.
 */
export function writeBlocks(blocks: readonly BlockToWrite[], context: WriteContext): Sinks {
  const writer = new Writer(context);
  let previous = null;
  for (const each of blocks) {
    const { block } = each;
    writer.height = block.header.height;
    codeHeader(writer, block.header, previous);
    codeInbox(writer, block.inbox, block.header.daHeight);
    writer.sinks.header.byte(block.consensus.type === 'poa' ? 1 : 0);
    if (writer.form.leavesResultsOut) writer.literal(block.header.transactionsRoot);
    if (block.consensus.type === 'poa') writer.signature(block.consensus.signature);
    else writer.sinks.textBytes.bytes(encodeConsensus(block.consensus));
    block.transactions.forEach((raw, txIndex) => {
      writer.txIndex = txIndex;
      const tx = compactable(raw);
      writeTransaction(writer, raw, tx);
      if (tx !== null) observe(context, each, txIndex, tx);
    });
    previous = block.header;
  }
  return writer.sinks;
}
