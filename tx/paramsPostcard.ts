/**
 * Consensus parameters in postcard: what an Upgrade transaction's witness holds, and what the
 * genesis hash of the chain configuration covers.
 *
 * @source postcard 1.x wire format; fuel-tx 0.66.4
 */

import { bytesToHex, hexToBytes } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import type { GasEntry, GasTableVersion } from './gasTable.ts';
import { GAS_ENTRIES, unitCost } from './gasTable.ts';
import type { ConsensusParameters, GasCosts, GasCostValue } from './params.ts';
import type { ScalarKind, SectionValues } from './paramsShape.ts';
import {
  NO_BLOCK_SIZE_LIMIT,
  SCALAR_MAX,
  SECTIONS,
  sectionOf,
  sectionVersion,
} from './paramsShape.ts';

/** Longest varint of each kind. Unit: bytes. */
const VARINT_BYTES_MAX: Readonly<Record<ScalarKind, number>> = { u16: 3, u32: 5, u64: 10 };

/** Collects postcard bytes. Also serves other configuration structures. */
export class PostcardWriter {
  readonly #bytes: number[] = [];

  /** An unsigned integer of any width above 8 bits, or a length. */
  varint(value: number | bigint): void {
    let rest = BigInt(value);
    while (rest >= 0x80n) {
      this.#bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.#bytes.push(Number(rest));
  }

  /** Bytes as they are: fixed arrays. */
  raw(bytes: Uint8Array): void {
    for (const byte of bytes) this.#bytes.push(byte);
  }

  /** Length and bytes: text and byte vectors. */
  bytes(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.raw(bytes);
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

function invalid(what: string, offset: number): CodedError {
  return new CodedError(
    'PARAMS_INVALID',
    `the bytes are not consensus parameters in postcard form: ${what} at byte ${offset}`,
    { offset },
  );
}

class PostcardReader {
  readonly #bytes: Uint8Array;
  #pos = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  varint(kind: ScalarKind): bigint {
    const start = this.#pos;
    let value = 0n;
    for (let i = 0; i < VARINT_BYTES_MAX[kind]; i++) {
      const byte = this.#bytes[this.#pos++];
      if (byte === undefined) throw invalid('they end', start);
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte >= 0x80) continue;
      if (value > SCALAR_MAX[kind]) break;
      return value;
    }
    throw invalid('an integer is too long', start);
  }

  /** Version 1 … `count` of an enum. */
  version(count: number): number {
    const start = this.#pos;
    const variant = this.varint('u32');
    if (variant >= BigInt(count)) throw invalid('an unknown version', start);
    return Number(variant) + 1;
  }

  b256(): `0x${string}` {
    const start = this.#pos;
    this.#pos += 32;
    if (this.#pos > this.#bytes.length) throw invalid('they end', start);
    return bytesToHex(this.#bytes.subarray(start, this.#pos));
  }
}

function writeCost(w: PostcardWriter, cost: GasCostValue): void {
  if (typeof cost === 'bigint') return w.varint(cost);
  w.varint(cost.type === 'light' ? 0 : 1);
  w.varint(cost.base);
  w.varint(cost.type === 'light' ? cost.unitsPerGas : cost.gasPerUnit);
}

/** Appends parameters to a larger structure. */
export function writeParamsPostcard(w: PostcardWriter, params: ConsensusParameters): void {
  w.varint(params.version - 1);
  for (const section of SECTIONS) {
    const version = sectionVersion(section, params);
    const values = params[section.key] as unknown as SectionValues;
    w.varint(version - 1);
    for (const { key } of section.versions[version - 1]!) w.varint(values[key]!);
  }
  w.varint(params.chainId);
  const { version, costs } = params.gasCosts;
  w.varint(version - 1);
  for (const entry of GAS_ENTRIES[version]) writeCost(w, costs.get(entry.key) ?? unitCost(entry));
  w.raw(hexToBytes(params.baseAssetId));
  w.varint(params.blockGasLimit);
  if (params.version === 2) w.varint(params.blockTransactionSizeLimit);
  w.raw(hexToBytes(params.privilegedAddress));
}

/** Postcard bytes of consensus parameters. */
export function encodeParamsPostcard(params: ConsensusParameters): Uint8Array {
  const w = new PostcardWriter();
  writeParamsPostcard(w, params);
  return w.done();
}

function readCost(r: PostcardReader, entry: GasEntry): GasCostValue {
  if (!entry.dependent) return r.varint('u64');
  const isLight = r.version(2) === 1;
  const base = r.varint('u64');
  const slope = r.varint('u64');
  return isLight
    ? { type: 'light', base, unitsPerGas: slope }
    : { type: 'heavy', base, gasPerUnit: slope };
}

function readGasCosts(r: PostcardReader): GasCosts {
  const version = r.version(7) as GasTableVersion;
  const costs = new Map<string, GasCostValue>();
  for (const entry of GAS_ENTRIES[version]) costs.set(entry.key, readCost(r, entry));
  return { version, costs };
}

/**
 * Reads consensus parameters; bytes that follow them are ignored, as the reference does.
 *
 * @throws CodedError PARAMS_INVALID
 */
export function decodeParamsPostcard(bytes: Uint8Array): ConsensusParameters {
  const r = new PostcardReader(bytes);
  const version = r.version(2);
  const sections: Record<string, unknown> = {};
  for (const section of SECTIONS) {
    const sectionVersion = r.version(section.versions.length);
    const values: SectionValues = {};
    for (const { key, kind } of section.versions[sectionVersion - 1]!) {
      const value = r.varint(kind);
      values[key] = kind === 'u64' ? value : Number(value);
    }
    sections[section.key] = sectionOf(section, sectionVersion, values);
  }
  const params = {
    version,
    ...sections,
    chainId: r.varint('u64'),
    gasCosts: readGasCosts(r),
    baseAssetId: r.b256(),
    blockGasLimit: r.varint('u64'),
    blockTransactionSizeLimit: version === 1 ? NO_BLOCK_SIZE_LIMIT : r.varint('u64'),
    privilegedAddress: r.b256(),
  };
  return params as unknown as ConsensusParameters;
}
