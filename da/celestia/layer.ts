/**
 * Celestia through the JSON-RPC of a bridge or light node. What the node says is not believed:
 * commitments are computed here, before sending and on every read, and inclusion is proven against
 * the data root of the header. Consensus of the header itself is the node's to check.
 *
 * @source celestia-node v0.32 API: blob, header, state
 */
import { bytesToHex, equalBytes, hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { Hex } from '../../primitives/types.ts';
import { checkSizes } from '../limits.ts';
import type {
  DaAttempt,
  DaFee,
  DaFinality,
  DaHealth,
  DaIntent,
  DaPage,
  DaPointer,
  DaPosition,
  DaProof,
  DataAvailability,
} from '../ports.ts';
import { type Rpc, RpcRefusal } from '../rpc.ts';
import { fromBase64, inclusionOf, type RpcHeader, type RpcRow, toBase64 } from './inclusion.ts';
import { verifyInclusion } from './nmt.ts';
import { SHARE_BYTES, shareCommitment, shareCount, sharesOf } from './shares.ts';

export const CELESTIA_LAYER = 'celestia';
/** The blobs of a submission share a transaction, which may have 8 MiB. Unit: bytes. */
export const CELESTIA_BLOB_BYTES_MAX = 1_900_000;
export const CELESTIA_BLOB_COUNT_MAX = 4;
/** Heights that are read for one page, and at the same time. */
const HEIGHTS_PER_PAGE = 64;
const HEIGHTS_AT_ONCE = 8;
/** Blobs that were read are kept for who asks for them next. Unit: bytes. */
const CACHE_BYTES_MAX: number = 32 * 1024 * 1024;
/** utia per gas when the node has no opinion: what validators ask for at least. */
const GAS_PRICE_DEFAULT = 0.004;
const GAS_PER_BLOB_BYTE = 8;
const GAS_PER_BLOB = 700;
const GAS_FIXED = 75_000;
const GAS_MARGIN = 1.1;
/** What a node says of a height that it has not reached. */
const NOT_YET = /from the future|syncing in progress/;

export type CelestiaOptions = {
  /** 29 bytes. */
  readonly namespace: Uint8Array;
  /** utia per unit of gas; null: the node chooses. */
  readonly gasPrice: number | null;
  /** Another way to submit; null: the node pays from its own account. */
  readonly payer: CelestiaPayer | null;
};

/** Who pays for blobs without the node's account; see `payForBlobs.ts`. */
export interface CelestiaPayer {
  /** Sends and waits for inclusion. @returns the height. @throws as `submit` of the port does */
  pay(
    blobs: readonly Uint8Array[],
    commitments: readonly Uint8Array[],
    record: (memo: Readonly<Record<string, string>>) => Promise<void>,
    signal: AbortSignal,
  ): Promise<bigint>;
}

type RpcBlob = {
  readonly data: string;
  readonly commitment: string;
  readonly index?: number;
  readonly share_version?: number;
};

/** Gas for a submission, as the chain counts it, with a margin. */
export function celestiaGas(sizes: readonly number[]): number {
  const shares = sizes.reduce((sum, size) => sum + shareCount(size), 0);
  const gas = shares * SHARE_BYTES * GAS_PER_BLOB_BYTE + sizes.length * GAS_PER_BLOB + GAS_FIXED;
  return Math.ceil(gas * GAS_MARGIN);
}

class CelestiaDa implements DataAvailability {
  readonly name: string = CELESTIA_LAYER;
  readonly isOpen: boolean = true;
  readonly blobBytesMax: number = CELESTIA_BLOB_BYTES_MAX;
  readonly blobCountMax: number = CELESTIA_BLOB_COUNT_MAX;
  readonly #rpc: Rpc;
  readonly #options: CelestiaOptions;
  readonly #namespace64: string;
  readonly #cache: Map<string, Uint8Array> = new Map();
  #cacheBytes = 0;

  constructor(rpc: Rpc, options: CelestiaOptions) {
    this.#rpc = rpc;
    this.#options = options;
    this.#namespace64 = toBase64(options.namespace);
  }

  async submit(
    blobs: readonly Uint8Array[],
    attempt: DaAttempt,
    signal: AbortSignal,
  ): Promise<DaPointer[]> {
    checkSizes(this, blobs);
    signal.throwIfAborted();
    if (attempt.earlier !== null) {
      const found = await this.find(attempt.earlier, signal);
      if (found !== null) return found;
    }
    const copies = blobs.map((blob) => blob.slice());
    const commitments = copies.map((blob) => shareCommitment(this.#options.namespace, blob));
    const intent: DaIntent = {
      layer: CELESTIA_LAYER,
      fromHeight: await this.#tip(signal),
      commitments: commitments.map(bytesToHex),
      memo: {},
    };
    const height = await this.#send(copies, commitments, { attempt, intent, signal });
    const found = await this.#findAt(height, intent.commitments, signal);
    if (found !== null) return found;
    throw new CodedError(
      'DA_CORRUPT',
      `the node says that the blobs are at height ${height}, but they are not there`,
      { layer: CELESTIA_LAYER, height },
    );
  }

  async #send(
    blobs: readonly Uint8Array[],
    commitments: readonly Uint8Array[],
    at: { attempt: DaAttempt; intent: DaIntent; signal: AbortSignal },
  ): Promise<bigint> {
    const { attempt, intent, signal } = at;
    const { payer } = this.#options;
    if (payer !== null) {
      const record = (memo: DaIntent['memo']): Promise<void> => attempt.record({ ...intent, memo });
      return await payer.pay(blobs, commitments, record, signal);
    }
    await attempt.record(intent);
    try {
      const height = await this.#rpc<number>(
        'blob.Submit',
        [blobs.map((blob, i) => this.#rpcBlob(blob, commitments[i]!)), this.#submitOptions(blobs)],
        signal,
      );
      return BigInt(height);
    } catch (error) {
      if (!(error instanceof RpcRefusal)) throw error;
      throw refused(error.message);
    }
  }

  #rpcBlob(blob: Uint8Array, commitment: Uint8Array): Record<string, unknown> {
    return {
      namespace: this.#namespace64,
      data: toBase64(blob),
      share_version: 0,
      commitment: toBase64(commitment),
      index: -1,
    };
  }

  #submitOptions(blobs: readonly Uint8Array[]): Record<string, unknown> {
    const { gasPrice } = this.#options;
    if (gasPrice === null) return {};
    const gas = celestiaGas(blobs.map(({ length }) => length));
    return { gas_price: gasPrice, is_gas_price_set: true, gas };
  }

  async find(intent: DaIntent, signal: AbortSignal): Promise<DaPointer[] | null> {
    const tip = await this.#tip(signal);
    for (let height = max(intent.fromHeight, 1n); height <= tip; height++) {
      const found = await this.#findAt(height, intent.commitments, signal);
      if (found !== null) return found;
    }
    return null;
  }

  async #findAt(
    height: bigint,
    commitments: readonly Hex[],
    signal: AbortSignal,
  ): Promise<DaPointer[] | null> {
    const there = await this.#at(height, signal);
    const found = commitments.map((commitment) =>
      there.find((pointer) => pointer.commitment === commitment),
    );
    return found.every((pointer) => pointer !== undefined) ? found : null;
  }

  /** Blobs of the namespace at a height; their bytes stay in the cache. */
  async #at(height: bigint, signal: AbortSignal): Promise<DaPointer[]> {
    let blobs: RpcBlob[] | null;
    try {
      const params = [Number(height), [this.#namespace64]];
      blobs = await this.#rpc<RpcBlob[] | null>('blob.GetAll', params, signal);
    } catch (error) {
      if (!(error instanceof RpcRefusal)) throw error;
      if (/not found/.test(error.message)) return [];
      if (NOT_YET.test(error.message)) throw behind(height);
      throw lying(`refuses to list height ${height}: ${error.message}`);
    }
    // Ours have version 0; others count their commitment in another way.
    const plain = (blobs ?? []).filter((blob) => (blob.share_version ?? 0) === 0);
    return plain.map(({ data, commitment }, index) => {
      const bytes = fromBase64(data);
      const computed = shareCommitment(this.#options.namespace, bytes);
      if (!equalBytes(computed, fromBase64(commitment))) {
        throw lying(`gave a blob at height ${height} that is not what its commitment says`);
      }
      const pointer = { layer: CELESTIA_LAYER, height, index, commitment: bytesToHex(computed) };
      this.#keep(pointer, bytes);
      return pointer;
    });
  }

  #keep(pointer: DaPointer, bytes: Uint8Array): void {
    const key = `${pointer.height} ${pointer.commitment}`;
    if (this.#cache.has(key)) return;
    this.#cache.set(key, bytes);
    this.#cacheBytes += bytes.length;
    for (const [oldest, { length }] of this.#cache) {
      if (this.#cacheBytes <= CACHE_BYTES_MAX) return;
      this.#cache.delete(oldest);
      this.#cacheBytes -= length;
    }
  }

  async get(pointer: DaPointer, signal: AbortSignal): Promise<Uint8Array> {
    if (pointer.layer !== CELESTIA_LAYER) throw notFound(pointer);
    const cached = this.#cache.get(`${pointer.height} ${pointer.commitment}`);
    if (cached !== undefined) return cached.slice();
    const bytes = fromBase64((await this.#blob(pointer, signal)).data);
    const computed = shareCommitment(this.#options.namespace, bytes);
    if (bytesToHex(computed) === pointer.commitment) return bytes;
    throw lying(`gave other bytes than ${pointer.commitment} stands for`);
  }

  async #blob(pointer: DaPointer, signal: AbortSignal): Promise<RpcBlob> {
    const blob = await this.#about<RpcBlob | null>('blob.Get', pointer, signal);
    if (blob === null || typeof blob.data !== 'string') throw lying('answered null for a blob');
    return blob;
  }

  /** A call about one blob. @throws CodedError DA_NOT_FOUND */
  async #about<T>(method: string, pointer: DaPointer, signal: AbortSignal): Promise<T> {
    const of = [Number(pointer.height), this.#namespace64];
    const params = method.startsWith('blob.')
      ? [...of, toBase64(hexToBytes(pointer.commitment))]
      : of;
    try {
      return await this.#rpc<T>(method, params, signal);
    } catch (error) {
      if (!(error instanceof RpcRefusal)) throw error;
      if (/not found|from the future/.test(error.message)) throw notFound(pointer);
      throw lying(`refuses ${method}: ${error.message}`);
    }
  }

  async #tip(signal: AbortSignal): Promise<bigint> {
    try {
      const head = await this.#rpc<RpcHeader>('header.LocalHead', [], signal);
      return BigInt(head.header.height);
    } catch (error) {
      if (!(error instanceof RpcRefusal)) throw error;
      throw lying(`has no head: ${error.message}`);
    }
  }

  async list(from: DaPosition, limit: number, signal: AbortSignal): Promise<DaPage> {
    const tip = await this.#tip(signal);
    const pointers: DaPointer[] = [];
    const first = max(from.height, 1n);
    const last = min(tip, first + BigInt(HEIGHTS_PER_PAGE) - 1n);
    for (let height = first; height <= last; ) {
      const step: bigint[] = [];
      for (; height <= last && step.length < HEIGHTS_AT_ONCE; height++) step.push(height);
      const found = await Promise.all(step.map((each) => this.#at(each, signal)));
      for (const pointer of found.flat()) {
        if (pointer.height === from.height && pointer.index < from.index) continue;
        if (pointers.length < limit) pointers.push(pointer);
        else return page(pointers, pointer, false, tip);
      }
    }
    const next = max(last + 1n, from.height);
    return page(pointers, { height: next, index: 0 }, last >= tip, tip);
  }

  async finality(pointer: DaPointer, signal: AbortSignal): Promise<DaFinality> {
    try {
      await this.#about('blob.GetProof', pointer, signal);
      // A block of Celestia is final once it is there.
      return 'final';
    } catch (error) {
      if (error instanceof CodedError && error.code === 'DA_NOT_FOUND') return 'lost';
      throw error;
    }
  }

  async proof(pointer: DaPointer, signal: AbortSignal): Promise<DaProof> {
    const { index, data } = await this.#blob(pointer, signal);
    const at = { index: index ?? 0, shares: shareCount(fromBase64(data).length) };
    const rows = await this.#about<RpcRow[] | null>('share.GetNamespaceData', pointer, signal);
    const params = [Number(pointer.height)];
    const header = await this.#rpc<RpcHeader>('header.GetByHeight', params, signal);
    const proof = inclusionOf(this.#options.namespace, at, rows ?? [], header);
    if (proof === null) throw lying(`cannot prove ${pointer.commitment}`);
    return { kind: 'nmt', proof };
  }

  async verify(pointer: DaPointer, blob: Uint8Array, proof: DaProof): Promise<boolean> {
    const { namespace } = this.#options;
    if (proof.kind !== 'nmt') return false;
    if (bytesToHex(shareCommitment(namespace, blob)) !== pointer.commitment) return false;
    return verifyInclusion(namespace, sharesOf(namespace, blob), proof.proof);
  }

  async health(signal: AbortSignal): Promise<DaHealth> {
    try {
      await this.#tip(signal);
      return { ok: true };
    } catch (error) {
      if (error instanceof CodedError) return { ok: false, reason: error.message };
      throw error;
    }
  }

  async estimate(sizes: readonly number[], signal: AbortSignal): Promise<DaFee> {
    const price = this.#options.gasPrice ?? (await this.#gasPrice(signal));
    return { amount: BigInt(Math.ceil(celestiaGas(sizes) * price)), unit: 'utia' };
  }

  async #gasPrice(signal: AbortSignal): Promise<number> {
    try {
      return await this.#rpc<number>('state.EstimateGasPrice', [], signal);
    } catch (error) {
      if (error instanceof RpcRefusal) return GAS_PRICE_DEFAULT;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#cache.clear();
  }
}

function page(
  pointers: readonly DaPointer[],
  next: DaPosition,
  atTip: boolean,
  tip: bigint,
): DaPage {
  const { height, index } = next;
  return { pointers, next: { height, index }, atTip, tipHeight: tip + 1n };
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function notFound(pointer: DaPointer): CodedError {
  return new CodedError(
    'DA_NOT_FOUND',
    `Celestia has no blob ${pointer.commitment} at height ${pointer.height} in this namespace`,
    { layer: pointer.layer, height: pointer.height },
  );
}

function lying(what: string): CodedError {
  return new CodedError('DA_CORRUPT', `the Celestia node ${what}; ask another node`, {
    layer: CELESTIA_LAYER,
  });
}

/** The network is further than the node. */
function behind(height: bigint): CodedError {
  return new CodedError(
    'DA_UNAVAILABLE',
    `the Celestia node has not reached height ${height} yet: it is behind the network`,
    { layer: CELESTIA_LAYER, height },
  );
}

/** The node was reached and said no: most reasons pass, some need the operator. */
function refused(reason: string): CodedError {
  const isFinal = /too large|invalid namespace|reserved/i.test(reason);
  return new CodedError(
    isFinal ? 'DA_REFUSED' : 'DA_UNAVAILABLE',
    `Celestia did not take the blobs: ${reason}`,
    { layer: CELESTIA_LAYER },
  );
}

/** A layer on a node that answers `rpc`. */
export function celestiaDa(rpc: Rpc, options: CelestiaOptions): DataAvailability {
  return new CelestiaDa(rpc, options);
}
