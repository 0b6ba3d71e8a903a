/** Streams to blocks; takes whatever bytes and answers damage with one error. */
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { CodedError, unreachable } from '../../primitives/errors.ts';
import type { B256, BlockHeight } from '../../primitives/types.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { decodeTx, encodeTx, txSizeBytes } from '../../tx/codec/transaction.ts';
import { decodeConsensus } from '../../tx/consensus.ts';
import { computeHeader, transactionsRoot } from '../../tx/header.ts';
import { txId } from '../../tx/id.ts';
import type { Transaction } from '../../tx/types.ts';
import {
  BLOCK_TX_COUNT_MAX,
  type DaBlock,
  type DaInboxEvent,
  type ReadBlock,
  TX_BYTES_MAX,
} from '../block.ts';
import { frameInvalid } from '../bytes.ts';
import { ByteSource } from '../varint.ts';
import type { Coder, CompactForm, NumberStream } from './coder.ts';
import { DICTIONARY_ENTRIES_MAX, EXPONENT_MAX, SHAPE_BYTES_MAX } from './encode.ts';
import { type CompactHeader, codeHeader, codeInbox } from './header.ts';
import {
  type ChainHistory,
  FrameHistory,
  idsOf,
  outputsOf,
  SEARCHED_BYTES_MAX,
  textsOf,
  WORD_BYTES,
} from './history.ts';
import { checkDrained, type Sources } from './streams.ts';
import { codeTransaction } from './transaction.ts';

/** Largest sum of the canonical bytes of all transactions of one frame. Unit: bytes. */
export const FRAME_CANONICAL_BYTES_MAX: number = 128 * 1024 * 1024;
const GENESIS_CONSENSUS_BYTES = 1 + 5 * 32;
const U64_MAX = 2n ** 64n - 1n;

/** What frames say that carry everything. */
export const FULL_FORM: CompactForm = { findsIds: true, leavesResultsOut: false };

export type ReadContext = {
  readonly chainId: bigint;
  readonly history: ChainHistory;
  readonly form: CompactForm;
};

class Reader implements Coder {
  readonly isWriting = false;
  readonly form: CompactForm;
  height: BlockHeight = 0;
  txIndex: number = 0;
  readonly sources: Sources;
  readonly history: ChainHistory;
  readonly #ids: B256[] = [ZERO_B256];
  readonly #texts: Uint8Array[] = [new Uint8Array(0)];
  readonly #shapes: Uint8Array[] = [];
  #shape: ByteSource = new ByteSource(new Uint8Array(0));

  constructor(sources: Sources, history: ChainHistory, form: CompactForm) {
    this.sources = sources;
    this.form = form;
    this.history = history;
  }

  beginShape(): void {
    const known = this.sources.shape.varint();
    if (known === 0) {
      const length = this.sources.shapeDef.varint();
      if (length > SHAPE_BYTES_MAX) throw frameInvalid('a form is too long', 0);
      this.#shapes.push(this.sources.shapeDef.take(length));
    }
    const shape = known === 0 ? this.#shapes.at(-1) : this.#shapes[known - 1];
    if (shape === undefined) throw frameInvalid('a form is not known', 0);
    this.#shape = new ByteSource(shape);
  }

  endShape(): void {
    if (this.#shape.left > 0) throw frameInvalid('a form says too much', 0);
  }

  shape(): number {
    return this.#shape.varint();
  }

  number(stream: NumberStream): number {
    return this.sources[stream].varint();
  }

  big(stream: NumberStream): bigint {
    const value = this.sources[stream].bigVarint();
    if (value > U64_MAX) throw frameInvalid('a number is too large', 0);
    return value;
  }

  amount(): bigint {
    const exponent = this.sources.exponent.byte();
    if (exponent > EXPONENT_MAX) throw frameInvalid('an amount is too large', 0);
    const value = this.sources.amount.bigVarint() * 10n ** BigInt(exponent);
    if (value > U64_MAX) throw frameInvalid('an amount is too large', 0);
    return value;
  }

  signed(stream: NumberStream): bigint {
    const value = this.sources[stream].bigVarint();
    return value % 2n === 0n ? value / 2n : -((value + 1n) / 2n);
  }

  #reference(): { tx: Transaction; index: number } {
    const height = this.height - this.sources.refHeight.varint();
    const placed = this.history.transactionAt(height, this.sources.refTx.varint());
    if (placed === null) throw unknownReference();
    return { tx: placed.tx, index: this.sources.refValue.varint() };
  }

  id(): B256 {
    const known = this.sources.id.varint();
    if (known >= 2) {
      const id = this.#ids[known - 2];
      if (id === undefined) throw frameInvalid('an id is not known', 0);
      return id;
    }
    let id: B256 | undefined;
    if (known === 0) id = this.literal();
    else {
      const { tx, index } = this.#reference();
      id = idsOf(tx, this.form.leavesResultsOut)[index];
    }
    if (id === undefined) throw unknownReference();
    if (this.#ids.length < DICTIONARY_ENTRIES_MAX) this.#ids.push(id);
    return id;
  }

  literal(): B256 {
    return bytesToHex(this.sources.literal.take(32));
  }

  text(): Uint8Array {
    const known = this.sources.text.varint();
    if (known >= 2) {
      const text = this.#texts[known - 2];
      if (text === undefined) throw frameInvalid('a byte string is not known', 0);
      return text;
    }
    let text: Uint8Array | undefined;
    if (known === 0) text = this.form.findsIds ? this.#newText() : this.bytes();
    else {
      const { tx, index } = this.#reference();
      text = textsOf(tx)[index];
    }
    if (text === undefined) throw unknownReference();
    if (this.#texts.length < DICTIONARY_ENTRIES_MAX) this.#texts.push(text);
    return text;
  }

  #newText(): Uint8Array {
    const length = this.sources.textLength.varint();
    const idCount = this.sources.textId.varint();
    if (idCount === 0) return this.sources.textBytes.take(length);
    if (length > SEARCHED_BYTES_MAX) throw frameInvalid('ids lie in a long byte string', 0);
    const text = new Uint8Array(length);
    let at = 0;
    for (let i = 0; i < idCount; i++) {
      const between = this.sources.textId.varint() * WORD_BYTES;
      if (at + between + 32 > length) throw frameInvalid('an id lies behind its byte string', 0);
      const id = hexToBytes(this.id());
      text.set(this.sources.textBytes.take(between), at);
      text.set(id, at + between);
      at += between + 32;
    }
    text.set(this.sources.textBytes.take(length - at), at);
    return text;
  }

  bytes(): Uint8Array {
    return this.sources.textBytes.take(this.sources.textLength.varint());
  }

  signature(): Uint8Array {
    return this.sources.signature.take(64);
  }

  spent(): never {
    throw unreachable('only a writer looks for outputs' as never);
  }

  pointer(): ReturnType<Coder['pointer']> {
    const blockHeight = this.height - this.sources.inHeight.varint();
    const txIndex = this.sources.inTx.varint();
    const outputIndex = this.sources.inOutput.varint();
    const placed = this.history.transactionAt(blockHeight, txIndex);
    const output = placed === null ? undefined : outputsOf(placed.tx)[outputIndex];
    if (placed === null || output === undefined) throw unknownReference();
    return { txId: placed.id, output, blockHeight, txIndex, outputIndex };
  }
}

function unknownReference(): CodedError {
  return frameInvalid('it refers to a place in the chain that is not known', 0);
}

function readTransaction(reader: Reader): { raw: Uint8Array; tx: Transaction | null } {
  reader.beginShape();
  if (reader.shape() === 1) {
    const raw = reader.bytes().slice();
    reader.endShape();
    return { raw, tx: null };
  }
  const tx = codeTransaction(reader, undefined);
  reader.endShape();
  if (txSizeBytes(tx) > TX_BYTES_MAX) throw frameInvalid('a transaction is too large', 0);
  return { raw: encodeTx(tx), tx };
}

/** Id and form, computed when somebody refers to it. */
function placedTx(raw: Uint8Array, chainId: bigint): () => { id: B256; tx: Transaction } {
  let id: B256 | null = null;
  return () => {
    const { tx } = decodeTx(raw);
    id ??= txId(tx, chainId);
    return { id, tx };
  };
}

function readConsensus(reader: Reader): DaBlock['consensus'] {
  if (reader.sources.header.byte() === 1) {
    return { type: 'poa', signature: reader.signature().slice() };
  }
  return decodeConsensus(reader.sources.textBytes.take(GENESIS_CONSENSUS_BYTES));
}

/** Events outlive the frame; their bytes are views into it. */
function ownBytes(event: DaInboxEvent): DaInboxEvent {
  if (event.type === 'transaction') return { ...event, raw: event.raw.slice() };
  return { ...event, message: { ...event.message, data: event.message.data.slice() } };
}

function* blocksOf(
  reader: Reader,
  range: { firstHeight: BlockHeight; count: number },
  context: ReadContext,
  history: FrameHistory,
): Generator<ReadBlock, void, undefined> {
  let previous: CompactHeader | null = null;
  let canonicalBytes = 0;
  for (let i = 0; i < range.count; i++) {
    const height = range.firstHeight + i;
    reader.height = height;
    const header = codeHeader(reader, undefined, previous);
    previous = header;
    if (header.transactionsCount > BLOCK_TX_COUNT_MAX) {
      throw frameInvalid('a block has too many transactions', 0);
    }
    const inbox = codeInbox(reader, undefined, header.daHeight).map(ownBytes);
    const { leavesResultsOut } = context.form;
    const statedRoot = leavesResultsOut ? reader.literal() : null;
    const consensus = readConsensus(reader);
    const transactions: Uint8Array[] = [];
    for (let txIndex = 0; txIndex < header.transactionsCount; txIndex++) {
      reader.txIndex = txIndex;
      const { raw } = readTransaction(reader);
      canonicalBytes += raw.length;
      if (canonicalBytes > FRAME_CANONICAL_BYTES_MAX) {
        throw frameInvalid('its transactions are too large together', 0);
      }
      history.add(height, txIndex, placedTx(raw, context.chainId));
      transactions.push(raw);
    }
    const root = statedRoot ?? transactionsRoot(transactions);
    const full = computeHeader({ ...header, height, transactionsRoot: root });
    const block = { header: full, consensus, transactions, inbox };
    yield leavesResultsOut ? { ...block, leavesResultsOut } : block;
  }
  checkDrained(reader.sources);
}

/**
 * The blocks of a frame, one after the other: no more than one is expanded ahead of who asks.
 * @throws CodedError DA_FRAME_INVALID
 */
export function* readBlocks(
  sources: Sources,
  range: { readonly firstHeight: BlockHeight; readonly count: number },
  context: ReadContext,
): Generator<ReadBlock, void, undefined> {
  const history = new FrameHistory(context.history);
  try {
    yield* blocksOf(new Reader(sources, history, context.form), range, context, history);
  } catch (error) {
    if (error instanceof CodedError && error.code === 'TX_DECODE') {
      throw frameInvalid('a part of it does not decode', 0);
    }
    throw error;
  }
}
