/**
 * The scalars. u16…u128 and times are decimal strings in both directions; 32-byte ids may come
 * without `0x` and short (zeros are added on the left) and go out as `0x` + 64 digits.
 */
import {
  GraphQLError,
  type GraphQLScalarType,
  type GraphQLSchema,
  Kind,
  type ValueNode,
} from 'graphql';
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import type { B256, Hex, UtxoKey } from '../../primitives/types.ts';
import type { TxPointer } from '../../tx/types.ts';

type Codec = { parse: (text: string) => unknown; serialize: (value: unknown) => string };

const HEX_ONLY = /^[0-9a-fA-F]*$/;
const DECIMAL = /^\+?[0-9]+$/;

function refuse(message: string): never {
  throw new GraphQLError(message);
}

function digitsOf(text: string): string {
  return text.startsWith('0x') ? text.slice(2) : text;
}

/** Text of `bytesLength` bytes, padded on the left. @throws GraphQLError */
export function parseFixedHex(text: string, bytesLength: number): Hex {
  const digits = digitsOf(text);
  if (digits.length % 2 !== 0) refuse('Odd number of digits');
  if (!HEX_ONLY.test(digits)) {
    const at = [...digits].findIndex((char) => !HEX_ONLY.test(char));
    refuse(`Invalid character '${digits[at]}' at position ${at}`);
  }
  if (digits.length > bytesLength * 2) {
    refuse(`expected ${bytesLength} bytes, received ${digits.length / 2}`);
  }
  return `0x${digits.toLowerCase().padStart(bytesLength * 2, '0')}`;
}

/** @throws GraphQLError */
export function parseB256(text: string): B256 {
  return parseFixedHex(text, 32);
}

/** The id of a transaction and, in the last four digits, an output index. @throws GraphQLError */
export function parseUtxoKey(text: string): UtxoKey {
  const wrong = 'Invalid encoded byte in UtxoId';
  const digits = digitsOf(text);
  if (digits.length <= 4) {
    if (!HEX_ONLY.test(digits)) refuse(wrong);
    return `0x${'0'.repeat(64)}${digits.toLowerCase().padStart(4, '0')}`;
  }
  const txId = digits.slice(0, -4).replace(/:$/, '');
  const index = digits.slice(-4);
  if (txId.length !== 64 || !HEX_ONLY.test(txId) || !HEX_ONLY.test(index)) refuse(wrong);
  return `0x${txId}${index}`.toLowerCase() as UtxoKey;
}

/** Eight digits of height and four of index, without prefix. @throws GraphQLError */
export function parseTxPointer(text: string): TxPointer {
  if (text.length !== 12 || !HEX_ONLY.test(text)) refuse('Invalid encoded byte in TxPointer');
  return {
    blockHeight: Number.parseInt(text.slice(0, 8), 16),
    txIndex: Number.parseInt(text.slice(8), 16),
  };
}

export function formatTxPointer(pointer: TxPointer): string {
  return (
    pointer.blockHeight.toString(16).padStart(8, '0') +
    pointer.txIndex.toString(16).padStart(4, '0')
  );
}

/** A decimal that fits `bits` bits. @throws GraphQLError */
export function parseUnsigned(text: string, bits: number): bigint {
  if (text === '') refuse('cannot parse integer from empty string');
  if (!DECIMAL.test(text)) refuse('invalid digit found in string');
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  if (value >> BigInt(bits) !== 0n) refuse('number too large to fit in target type');
  return value;
}

/** @throws GraphQLError */
export function parseU32(text: string): number {
  return Number(parseUnsigned(text, 32));
}

function parseBytes(text: string): Uint8Array {
  const digits = text.length - (text.startsWith('0x') ? 2 : 0);
  if (digits % 2 !== 0) refuse('Odd number of digits');
  try {
    return hexToBytes(text);
  } catch {
    return refuse('Invalid character in a hex string');
  }
}

const plain = (value: unknown): string => String(value);
const fixed = (bytesLength: number): Codec => ({
  parse: (text) => parseFixedHex(text, bytesLength),
  serialize: (value) => (typeof value === 'string' ? value : bytesToHex(value as Uint8Array)),
});
const big = (bits: number): Codec => ({
  parse: (text) => parseUnsigned(text, bits),
  serialize: plain,
});
const small = (bits: number): Codec => ({
  parse: (text) => Number(parseUnsigned(text, bits)),
  serialize: plain,
});
const id = fixed(32);

const CODECS: Readonly<Record<string, Codec>> = {
  U16: small(16),
  U32: small(32),
  U64: big(64),
  U128: big(128),
  Tai64Timestamp: big(64),
  Address: id,
  AssetId: id,
  BlobId: id,
  BlockId: id,
  Bytes32: id,
  ContractId: id,
  Nonce: id,
  RelayedTransactionId: id,
  Salt: id,
  SubId: id,
  TransactionId: id,
  Signature: fixed(64),
  HexString: { parse: parseBytes, serialize: (value) => bytesToHex(value as Uint8Array) },
  UtxoId: { parse: parseUtxoKey, serialize: plain },
  TxPointer: { parse: parseTxPointer, serialize: (value) => formatTxPointer(value as TxPointer) },
};

function install(scalar: GraphQLScalarType, codec: Codec): void {
  const parse = (value: unknown, shown: string, nodes: ValueNode[]): unknown => {
    if (typeof value !== 'string') {
      throw new GraphQLError(`Expected input type "${scalar.name}", found ${shown}.`, { nodes });
    }
    try {
      return codec.parse(value);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new GraphQLError(`Failed to parse "${scalar.name}": ${why}`, { nodes });
    }
  };
  scalar.serialize = codec.serialize;
  scalar.parseValue = (value) => parse(value, JSON.stringify(value) ?? 'nothing', []);
  scalar.parseLiteral = (node: ValueNode) => {
    if (node.kind === Kind.STRING) return parse(node.value, node.value, [node]);
    return parse(null, 'value' in node ? String(node.value) : node.kind, [node]);
  };
}

/** Gives the schema's scalars their meaning. */
export function installScalars(schema: GraphQLSchema): void {
  for (const [name, codec] of Object.entries(CODECS)) {
    install(schema.getType(name) as GraphQLScalarType, codec);
  }
}
