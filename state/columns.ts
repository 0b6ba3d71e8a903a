/**
 * Everything that is stored, one row per column: the id (first byte of each key), the fields of the
 * key, and the form of the value. Integers are big endian, so key order is numeric order.
 *
 * `bucketParts` says how many fields of the key are always known when somebody walks the column
 * (an owner, a contract); the memory engine keeps the order per bucket.
 */

import { readU32, utf8, writeU32 } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import type {
  Address,
  AssetId,
  B256,
  BlobId,
  BlockHeight,
  BlockId,
  ContractId,
  Nonce,
  SlotKey,
  TxId,
  UtxoKey,
} from '../primitives/types.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import { decodeParamsPostcard, encodeParamsPostcard } from '../tx/paramsPostcard.ts';
import type { TxPointer } from '../tx/types.ts';
import type { UploadedBytecode } from '../vm/ports.ts';
import { type BlockDelta, deltaForm } from './deltas.ts';
import type { Field, ValueCodec } from './fields.ts';
import {
  b256,
  corruptRow,
  nothing,
  rawBytes,
  record,
  single,
  u16,
  u32,
  u64,
  u64Descending,
  u128,
  unfilled,
  utxo,
} from './fields.ts';
import type { BlockRow, PeaksRow, TxRow } from './storedForms.ts';
import { blockForm, peaksForm, txForm, uploadForm } from './storedForms.ts';

export type Column<K extends readonly unknown[], V> = {
  readonly id: number;
  readonly name: string;
  readonly key: { readonly [I in keyof K]: Field<K[I]> };
  readonly bucketParts: number;
  readonly value: ValueCodec<V>;
};

/** A stored coin. */
export type CoinRow = {
  owner: Address;
  amount: bigint;
  assetId: AssetId;
  blockHeight: BlockHeight;
  txIndex: number;
};
type ContractUtxoRow = {
  txId: TxId;
  outputIndex: number;
  blockHeight: BlockHeight;
  txIndex: number;
};
type AssetRow = { contractId: ContractId; subId: B256; totalSupply: bigint };
/** `daHeight` and the payload follow the fixed part. */
type MessageRow = {
  sender: Address;
  recipient: Address;
  amount: bigint;
  daHeight: bigint;
  data: Uint8Array;
};

const coinForm: ValueCodec<CoinRow> = record<CoinRow>('coin', {
  owner: b256,
  amount: u64,
  assetId: b256,
  blockHeight: u32,
  txIndex: u16,
});
const contractUtxoForm: ValueCodec<ContractUtxoRow> = record<ContractUtxoRow>('contract UTXO', {
  txId: b256,
  outputIndex: u16,
  blockHeight: u32,
  txIndex: u16,
});
const assetForm: ValueCodec<AssetRow> = record<AssetRow>('asset', {
  contractId: b256,
  subId: b256,
  totalSupply: u128,
});
const pointerForm: ValueCodec<TxPointer> = record<TxPointer>('transaction pointer', {
  blockHeight: u32,
  txIndex: u16,
});
type MessageHead = Omit<MessageRow, 'data'>;
const messageHeadForm: ValueCodec<MessageHead> = record<MessageHead>('message', {
  sender: b256,
  recipient: b256,
  amount: u64,
  daHeight: u64,
});
const MESSAGE_HEAD_BYTES = 80;
const messageForm: ValueCodec<MessageRow> = {
  encode(message) {
    const out = unfilled(MESSAGE_HEAD_BYTES + message.data.length);
    out.set(messageHeadForm.encode(message));
    out.set(message.data, MESSAGE_HEAD_BYTES);
    return out;
  },
  decode: (bytes) => ({
    ...messageHeadForm.decode(bytes.subarray(0, MESSAGE_HEAD_BYTES)),
    data: bytes.slice(MESSAGE_HEAD_BYTES),
  }),
};
/** The text is UTF-8 and goes to the end of the row. */
type RelayedFailureRow = { blockHeight: BlockHeight; failure: string };
const HEIGHT_BYTES = 4;
const relayedFailureForm: ValueCodec<RelayedFailureRow> = {
  encode({ blockHeight, failure }) {
    const text = utf8(failure);
    const out = unfilled(HEIGHT_BYTES + text.length);
    writeU32(out, 0, blockHeight);
    out.set(text, HEIGHT_BYTES);
    return out;
  },
  decode(bytes) {
    if (bytes.length < HEIGHT_BYTES) throw corruptRow('failed forced transaction');
    const failure = new TextDecoder().decode(bytes.subarray(HEIGHT_BYTES));
    return { blockHeight: readU32(bytes, 0), failure };
  },
};
const paramsForm: ValueCodec<ConsensusParameters> = {
  encode: encodeParamsPostcard,
  decode(bytes) {
    try {
      return decodeParamsPostcard(bytes);
    } catch (error) {
      if (error instanceof CodedError) throw corruptRow('set of consensus parameters');
      throw error;
    }
  },
};

function column<K extends readonly unknown[], V>(
  id: number,
  name: string,
  rest: Omit<Column<K, V>, 'id' | 'name'>,
): Column<K, V> {
  return { id, name, ...rest };
}

/** Keys of {@link COLUMNS.meta}. */
export const META = { schema: 1, latestHeight: 2, firstHeight: 3 } as const;

type Columns = {
  readonly meta: Column<[number], number>;
  readonly coins: Column<[UtxoKey], CoinRow>;
  readonly coinsByOwner: Column<[Address, UtxoKey], null>;
  readonly coinsByAmount: Column<[Address, AssetId, bigint, UtxoKey], null>;
  readonly balances: Column<[Address, AssetId], bigint>;
  readonly messages: Column<[Nonce], MessageRow>;
  readonly messagesByRecipient: Column<[Address, Nonce], null>;
  readonly messagesSpent: Column<[Nonce], null>;
  readonly contractCode: Column<[ContractId], Uint8Array>;
  readonly contractSalt: Column<[ContractId], B256>;
  readonly contractUtxo: Column<[ContractId], ContractUtxoRow>;
  readonly slots: Column<[ContractId, SlotKey], Uint8Array>;
  readonly contractBalances: Column<[ContractId, AssetId], bigint>;
  readonly blobs: Column<[BlobId], Uint8Array>;
  readonly uploads: Column<[B256], UploadedBytecode>;
  readonly consensusParameters: Column<[number], ConsensusParameters>;
  readonly stateTransitions: Column<[number], B256>;
  readonly blocks: Column<[BlockHeight], BlockRow>;
  readonly blockHeights: Column<[BlockId], BlockHeight>;
  readonly peaks: Column<[number], PeaksRow>;
  readonly txPointers: Column<[TxId], TxPointer>;
  readonly transactions: Column<[BlockHeight, number], TxRow>;
  readonly txsByOwner: Column<[Address, BlockHeight, number], TxId>;
  readonly assets: Column<[AssetId], AssetRow>;
  readonly relayedFailures: Column<[B256], RelayedFailureRow>;
  /** For the state tree; only in nodes that keep one. */
  readonly deltas: Column<[BlockHeight], BlockDelta>;
};

// biome-ignore format: one row per column
export const COLUMNS: Columns = {
  meta: column(0x01, 'meta', { key: [u32], bucketParts: 0, value: single('meta', u32) }),
  coins: column(0x02, 'coins', { key: [utxo], bucketParts: 0, value: coinForm }),
  coinsByOwner: column(0x03, 'coinsByOwner', { key: [b256, utxo], bucketParts: 1, value: nothing }),
  coinsByAmount: column(0x04, 'coinsByAmount', { key: [b256, b256, u64Descending, utxo], bucketParts: 2, value: nothing }),
  balances: column(0x05, 'balances', { key: [b256, b256], bucketParts: 1, value: single('balance', u128) }),
  messages: column(0x06, 'messages', { key: [b256], bucketParts: 0, value: messageForm }),
  messagesByRecipient: column(0x07, 'messagesByRecipient', { key: [b256, b256], bucketParts: 1, value: nothing }),
  messagesSpent: column(0x08, 'messagesSpent', { key: [b256], bucketParts: 0, value: nothing }),
  contractCode: column(0x09, 'contractCode', { key: [b256], bucketParts: 0, value: rawBytes }),
  contractSalt: column(0x0a, 'contractSalt', { key: [b256], bucketParts: 0, value: single('salt', b256) }),
  contractUtxo: column(0x0b, 'contractUtxo', { key: [b256], bucketParts: 0, value: contractUtxoForm }),
  slots: column(0x0c, 'slots', { key: [b256, b256], bucketParts: 1, value: rawBytes }),
  contractBalances: column(0x0d, 'contractBalances', { key: [b256, b256], bucketParts: 1, value: single('balance', u64) }),
  blobs: column(0x0e, 'blobs', { key: [b256], bucketParts: 0, value: rawBytes }),
  uploads: column(0x0f, 'uploads', { key: [b256], bucketParts: 0, value: uploadForm }),
  consensusParameters: column(0x10, 'consensusParameters', { key: [u32], bucketParts: 0, value: paramsForm }),
  stateTransitions: column(0x11, 'stateTransitions', { key: [u32], bucketParts: 0, value: single('bytecode root', b256) }),
  blocks: column(0x12, 'blocks', { key: [u32], bucketParts: 0, value: blockForm }),
  blockHeights: column(0x13, 'blockHeights', { key: [b256], bucketParts: 0, value: single('height', u32) }),
  peaks: column(0x14, 'peaks', { key: [u32], bucketParts: 0, value: peaksForm }),
  txPointers: column(0x18, 'txPointers', { key: [b256], bucketParts: 0, value: pointerForm }),
  transactions: column(0x15, 'transactions', { key: [u32, u16], bucketParts: 0, value: txForm }),
  txsByOwner: column(0x16, 'txsByOwner', { key: [b256, u32, u16], bucketParts: 1, value: single('transaction id', b256) }),
  relayedFailures: column(0x19, 'relayedFailures', { key: [b256], bucketParts: 0, value: relayedFailureForm }),
  deltas: column(0x1a, 'deltas', { key: [u32], bucketParts: 0, value: deltaForm }),
  assets: column(0x17, 'assets', { key: [b256], bucketParts: 0, value: assetForm }),
};

/** Version of everything in this file; a store of another version is refused. */
export const SCHEMA_VERSION = 1;

const BUCKET_BYTES: ReadonlyMap<number, number> = new Map(
  Object.values(COLUMNS).map(({ id, key, bucketParts }) => [
    id,
    1 +
      (key as readonly Field<unknown>[])
        .slice(0, bucketParts)
        .reduce((sum, field) => sum + field.bytes, 0),
  ]),
);

/** Length of the bucket part of a key; see the head of this file. Unit: bytes. */
export function bucketBytesOf(columnId: number): number {
  return BUCKET_BYTES.get(columnId) ?? 1;
}

/** Whole key of a row. */
export function keyOf<K extends readonly unknown[], V>(
  { id, key: fields }: Column<K, V>,
  key: K,
): Uint8Array {
  return encodeParts(id, fields as readonly Field<unknown>[], key);
}

/** What all keys with these first parts have in common. */
export function prefixOf<K extends readonly unknown[], V>(
  { id, key: fields }: Column<K, V>,
  ...parts: Partial<K>
): Uint8Array {
  return encodeParts(id, (fields as readonly Field<unknown>[]).slice(0, parts.length), parts);
}

function encodeParts(
  id: number,
  fields: readonly Field<unknown>[],
  parts: readonly unknown[],
): Uint8Array {
  let size = 1;
  for (const field of fields) size += field.bytes;
  const out = unfilled(size);
  out[0] = id;
  let at = 1;
  for (let i = 0; i < fields.length; i++) {
    fields[i]!.write(out, at, parts[i]);
    at += fields[i]!.bytes;
  }
  return out;
}

/** Parts of a row's key. @throws CodedError STATE_CORRUPT */
export function partsOf<K extends readonly unknown[], V>(
  { name, key: fields }: Column<K, V>,
  bytes: Uint8Array,
): K {
  const parts: unknown[] = [];
  let at = 1;
  for (const field of fields as readonly Field<unknown>[]) {
    if (at + field.bytes > bytes.length) throw corruptRow(`key of ${name}`);
    parts.push(field.read(bytes, at));
    at += field.bytes;
  }
  return parts as unknown as K;
}
